"""Walks a graph node by node: fires exec outputs, enters nodes, keeps what they put out."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import Any

from dragops.compiler.graph import Graph, GraphNode
from dragops.compiler.order import reached
from dragops.errors import RunFailure
from dragops.nodes.convert import Convert
from support.context import RecordingContext
from support.reference.outputs import Outputs, Values
from support.reference.readings import Reading, named


@dataclass(frozen=True)
class Walk:
    """One run, or one of the turns that go on in it at the same time."""

    graph: Graph
    ctx: RecordingContext
    types: Mapping[str, Convert]
    rules: Mapping[str, "Rule"]
    """What nodes do that decide what runs next."""
    outputs: Outputs

    async def fire(self, node: GraphNode, pin: str) -> None:
        """Run what an exec output leads to, one flow to its end after another."""
        for target in node.targets.get(pin, ()):
            await self.enter(self.graph.nodes[target])

    async def enter(self, node: GraphNode) -> None:
        """Run a node and what it fires."""
        self.ctx.step(node.id)
        rule = self.rules.get(node.definition.type)
        if rule:
            if node.definition.type != "CallPattern":  # which keeps what it gave until it gives
                self.put(node, **dict.fromkeys(pin.name for pin in node.data_outputs()))
            await rule(self, node)
        else:
            await self._call(node)
            await self.fire(node, "exec")

    def put(self, node: GraphNode, **values: Any) -> None:
        """Keep what a node puts out, and for answers what the last one did."""
        self.outputs.put(node.id, values)
        self.ctx.outputs(node.id, values)

    def read(self, node: GraphNode, *only: str) -> Values:
        """Read inputs anew."""
        return self.reading().inputs(node, only)

    def reading(self) -> Reading:
        """Begin a reading."""
        return Reading(self.graph, self.ctx, self.types, self.outputs)

    def turn(self, node: GraphNode, pin: str) -> "Walk":
        """Give the walk of one turn among others: what its nodes put out is its own."""
        body = self.within(node.targets.get(pin, ()))
        return replace(self, outputs=Outputs(self.outputs, {node.id, *body}))

    def within(self, targets: Iterable[str]) -> set[str]:
        """Give the nodes of the flows from some nodes on."""
        return reached(targets, lambda each: self.graph.nodes[each].fired())

    def failed(self, node: GraphNode, type_: str, message: str) -> RunFailure:
        """Make a failure of a node that has no function to raise it."""
        return named(RunFailure(type_, message), node)

    async def _call(self, node: GraphNode) -> None:
        reading = self.reading()
        result = reading.call(node, reading.inputs(node))
        if isawaitable(result):
            try:
                result = await result
            except RunFailure as exc:
                raise named(exc, node) from None
        names = [pin.name for pin in node.data_outputs()]
        self.put(node, **dict(zip(names, [result], strict=True)) if names else {})


Rule = Callable[[Walk, GraphNode], Awaitable[None]]
