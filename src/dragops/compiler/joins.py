"""Where exec flows meet again, and whether the meeting point can simply follow an ``if``.

An exec output that fires exclusively (the sides of Branch, the cases of Switch) has a *merge* when
all of its sides run on to the same node: then that node is written once, after the ``if``. A node
that is entered from several places otherwise is *open*: it becomes a local function.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dragops.compiler.order import after_successors

Side = Sequence[str]
"""The nodes that one side fires, in wire order; the flow ends with the last."""


@dataclass(frozen=True, slots=True)
class Joins:
    """What is known of a graph's joins."""

    merges: Mapping[str, str]
    """For a node with sides, the node at which all of them arrive."""
    open: frozenset[str]
    """Nodes that are entered from more than one place."""


def find_joins(
    starts: Iterable[str],
    sides: Callable[[str], list[Side]],
    others: Callable[[str], Iterable[str]],
) -> Joins:
    """Look at a graph without cycles.

    ``sides`` gives a node's exclusive sides (one if it just goes on), ``others`` what it fires
    apart from them, in flows that come back: a loop's body, a try.
    """

    def fired(node: str) -> list[str]:
        return [*others(node), *(target for side in sides(node) for target in side)]

    order = after_successors(starts, fired)
    entries = Counter(target for node in order for target in fired(node))
    merges = _merge({node: sides(node) for node in order}, entries)
    return Joins(merges, frozenset(node for node in order if entries[node] > 1))


def _merge(sides: dict[str, list[Side]], entries: Counter[str]) -> dict[str, str]:
    """Find the merges, each node after what it leads to; a merge makes one entry of many."""
    arrival: dict[str, str | None] = {}
    merges: dict[str, str] = {}

    def end_of(side: Side) -> str | None:
        last = side[-1] if side else None
        return last if last is None or entries[last] > 1 else arrival[last]

    for node, several in sides.items():
        ends = {end_of(side): None for side in several}
        join = next(iter(ends)) if len(ends) == 1 else None
        if join is not None and len(several) > 1:
            merges[node] = join
            entries[join] -= len(several) - 1
            join = end_of((join,))
        arrival[node] = join
    return merges
