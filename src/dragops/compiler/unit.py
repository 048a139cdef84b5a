"""A unit: triggers that share nodes, and what the functions written for them have in common.

Most units have one trigger and become one function. Bodies are written one after another; what a
body asks for (a shared value, a join) is queued and written later, so nothing recurses with size.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from dragops.compiler.emit import Emitter
from dragops.compiler.graph import Graph, GraphNode
from dragops.compiler.joins import Joins
from dragops.compiler.jumps import Escaping
from dragops.compiler.literal import literal
from dragops.compiler.names import Names, wish_of
from dragops.compiler.shares import Shares
from dragops.compiler.turns import Turns
from dragops.nodes.definition import Definition

TURN = "turn"
"""The parameter that is the turn of a For Each Parallel which a function runs in."""
_CONSTANTS = ("triggers", "variables", "types", "no_event")


@dataclass(slots=True)
class Imports:
    """What the module takes from the library."""

    nodes: set[str] = field(default_factory=set)
    conversions: set[str] = field(default_factory=set)
    datetime: bool = False
    requests: dict[str, tuple[str, Definition]] = field(default_factory=dict)
    """By type: the declarative nodes that are called, and the name of each one's table."""
    _names: Names = field(default_factory=lambda: Names(*_CONSTANTS))

    def request(self, definition: Definition) -> str:
        """Give the name of the table that says what a declarative node sends."""
        if definition.type not in self.requests:
            name = self._names.take(definition.type).upper()
            self.requests[definition.type] = name, definition
        return self.requests[definition.type][0]

    def tables(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the tables of all declarative nodes that are called, by name."""
        for name, definition in self.requests.values():
            yield name, definition.request or {}

    def literal(self, value: Any) -> str:
        """Write a constant; one that is a moment needs an import."""
        self.datetime |= type(value).__name__ == "datetime"
        return literal(value)


class Jump(Enum):
    """How Break and Continue are written at a place."""

    LOOP = auto()
    """As Python's own: their loop is around them in the same function."""
    TURN = auto()
    """Continue is ``return``: the function is a turn."""
    RAISE = auto()
    """As exceptions, which the loop catches: it is elsewhere, or a finally lies between."""


class Body:
    """A function's body while it is written."""

    def __init__(self, name: str, depth: int, parameters: str = "") -> None:
        self.name, self.parameters = name, parameters
        self.out = Emitter(depth)
        self.assigned: dict[str, None] = {}
        """Outputs of impure nodes that it sets."""
        self.blocks = 0
        """How many loops and handlers are open; CPython allows 20."""
        self.nested = 0
        """How many flows that come back are being written, one in the other."""
        self.known: dict[str, str] = {}
        """Computed nodes whose values are at hand, and in which variable."""
        self.jump = Jump.RAISE
        self.raised: frozenset[str] = frozenset()
        """The jumps that what was written since the loop began may raise."""

    @contextmanager
    def jumping(self, how: Jump) -> Iterator[None]:
        """Write jumps like this inside."""
        before, self.jump = self.jump, how
        yield
        self.jump = before

    @contextmanager
    def branch(self) -> Iterator[None]:
        """Forget at the end which values became known inside."""
        before = len(self.known)
        yield
        for node in list(self.known)[before:]:
            del self.known[node]


@dataclass(frozen=True, slots=True)
class Call:
    """A line that calls a function of the flow; its text is settled when all are written."""

    out: Emitter
    line: int
    caller: str
    callee: str
    is_tail: bool


@dataclass(slots=True)
class Unit:
    """What is common to the functions of one unit."""

    graph: Graph
    joins: Joins
    shares: Shares
    names: Names
    imports: Imports
    events: dict[str, str]
    """For each trigger of the unit, the expression of its event."""
    escaping: Escaping
    """Nodes whose flow may jump out of itself."""
    keeps_outputs: bool
    """Whether a webhook answers with the outputs of the last node."""
    turns: Turns
    given: str
    """What all functions of the flow are given: the turn that they run in, if there are turns."""
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    getters: dict[str, Body] = field(default_factory=dict)
    flows: dict[str, Body] = field(default_factory=dict)
    parts: dict[str, Body] = field(default_factory=dict)
    """Flows that run beside others, by the exec output that fires them: ``<node id>.<pin>``."""
    stops: dict[str, str | None] = field(default_factory=dict)
    nulls: list[tuple[Emitter, int, list[str]]] = field(default_factory=list)
    """Lines that set outputs to null, as when their node had never run."""
    begun: list[str] = field(default_factory=list)
    """Outputs that are null when the run begins."""
    calls: list[Call] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    """Which body evaluates which getter, once for each line that does."""
    pending: deque[tuple[str, str]] = field(default_factory=deque)

    def local(self, node: GraphNode) -> str:
        """Give the variable that holds a computed node's value."""
        if node.id not in self.locals:
            self.locals[node.id] = self.names.take(wish_of(node))
        return self.locals[node.id]

    def output(self, node: GraphNode, pin: str) -> str:
        """Give the variable that keeps an output of an impure node, or the turn's attribute."""
        key = (node.id, pin)
        if key not in self.outputs:
            name = self.names.take(f"{wish_of(node)}_{pin}")
            self.outputs[key] = f"{TURN}.{name}" if node.id in self.turns.owned else name
        return self.outputs[key]

    def variables(self) -> list[str]:
        """Give the variables that keep outputs of the run itself."""
        return [name for (node, _), name in self.outputs.items() if node not in self.turns.owned]

    def step(self, name: str) -> str:
        """Give the expression of a flow's function that another function will call."""
        return f"lambda: {name}({self.given})" if self.given else name

    def is_read(self, node: GraphNode, pin: str) -> bool:
        """Say whether anything needs this output of an impure node."""
        return self.keeps_outputs or (node.id, pin) in self.shares.read

    def getter(self, node: GraphNode) -> Body:
        """Give the function that evaluates a computed node, to be written later."""
        if node.id not in self.getters:
            name = self.names.take(f"get_{wish_of(node)}")
            self.getters[node.id] = Body(name, 2, self.given)
            self.pending.append(("getter", node.id))
        return self.getters[node.id]

    def flow(self, node: GraphNode, stop: str | None) -> Body:
        """Give the function that runs the flow from a node on, to be written later."""
        if node.id not in self.flows:
            name = self.names.take(wish_of(node))
            self.flows[node.id] = Body(name, 2, self.given)
            self.stops[node.id] = stop
            self.pending.append(("flow", node.id))
        return self.flows[node.id]

    def part(self, node: GraphNode, pin: str) -> Body:
        """Give the function of a flow that runs beside others, to be written later."""
        key = f"{node.id}.{pin}"
        if key not in self.parts:
            self.parts[key] = Body(self.names.take(f"{wish_of(node)}_{pin}"), 2, self.given)
            self.pending.append(("part", key))
        return self.parts[key]
