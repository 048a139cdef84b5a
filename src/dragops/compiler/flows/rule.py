"""What a flow node's rule tells: where it goes on, and how it is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from dragops.compiler.graph import GraphNode
from dragops.compiler.reading import Reader
from dragops.compiler.unit import Body, Unit
from dragops.nodes.definition import Pin


@dataclass(frozen=True, slots=True)
class Place:
    """Where a flow is written. It ends before ``stop``, if there is one.

    ``is_tail``: nothing follows it in its function, which may therefore hand on instead of call.
    """

    stop: str | None = None
    is_tail: bool = False


class FlowWriter(Protocol):
    """What a rule may ask of the writer."""

    unit: Unit
    body: Body

    @property
    def reader(self) -> Reader:
        """Give the reader of inputs for the current body."""

    @property
    def is_once(self) -> bool:
        """Say whether what is written now can only run once in a run."""

    def inner(self, targets: Sequence[str]) -> None:
        """Write what an exec output fires as a flow that comes back here."""

    def side(self, node: GraphNode, targets: Sequence[str], place: Place) -> None:
        """Write one exclusive side of a node, up to where the sides meet."""

    def outputs(self, node: GraphNode) -> dict[str, str]:
        """Give the variables of the node's outputs that are read; the body will set them."""

    def begin_outputs(self, node: GraphNode) -> dict[str, str]:
        """Set the outputs that are read to null, as when the node had never run; give them."""

    def keep_outputs(self, node: GraphNode, names: dict[str, str]) -> None:
        """Keep what the node put out for a webhook that answers with it."""


@dataclass(frozen=True, slots=True)
class FlowRule:
    """The rule of one flow node."""

    write: Callable[[FlowWriter, GraphNode, Place], None]
    """Writes the node and what it fires inside blocks, but not what follows it."""
    sides: Callable[[GraphNode], list[Sequence[str]]]
    """Gives its exclusive sides; where it ``splits`` not, the one side is what follows the node."""
    inner: Callable[[GraphNode], list[str]]
    """Gives what it fires in flows that come back."""
    splits: Callable[[GraphNode], bool] = lambda _node: False
    """Says whether ``write`` writes the sides too, each in a block of its own."""
    is_call: bool = False
    """Whether the node has run once it goes on, and not when it is entered."""


def fired_by(node: GraphNode, pin: str) -> list[str]:
    """Give what an exec output fires, in wire order."""
    return node.targets.get(pin, [])


def fired_by_all(*pins: str) -> Callable[[GraphNode], list[str]]:
    """Give a function that collects what these exec outputs fire."""

    def fired(node: GraphNode) -> list[str]:
        return [target for pin in pins for target in fired_by(node, pin)]

    return fired


def always(_node: GraphNode) -> bool:
    """Say yes."""
    return True


def write_either(
    writer: FlowWriter, node: GraphNode, place: Place, *, condition: str, pins: tuple[str, str]
) -> None:
    """Write what follows at one pin if an expression is true, and at another if it is not."""
    yes, no = (fired_by(node, pin) for pin in pins)
    merge = writer.unit.joins.merges.get(node.id)
    if no and (not yes or yes == [merge]):
        condition, yes, no = f"not {condition}", no, yes
    with writer.body.out.block(f"if {condition}", origin=node.id):
        writer.side(node, yes, place)
    if no and no != [merge]:
        with writer.body.out.block("else", origin=node.id):
            writer.side(node, no, place)


def unpacked(outputs: Sequence[Pin], names: Mapping[str, str]) -> str:
    """Write the left side that takes what a node puts out; what nobody reads goes to ``_``."""
    taken = [names.get(pin.name, "_") for pin in outputs]

    def unread_from(at: int) -> int:
        return len(list(takewhile(lambda name: name == "_", taken[at:])))

    at = max(reversed(range(len(taken))), key=unread_from)
    if unread_from(at) > 1:
        taken[at : at + unread_from(at)] = ["*_"]
    return f"{', '.join(taken)} = "


def no_inner(_node: GraphNode) -> list[str]:
    """Say that nothing comes back."""
    return []
