"""The reference interpreter: walks a graph node by node, as the catalogue tells it.

It shares the node functions and conversions with the compiler, and nothing of how flows are found.
"""

from collections.abc import Iterable
from typing import Any

from dragops.compiler.check import checked
from dragops.compiler.graph import GraphNode
from dragops.errors import RunFailure
from dragops.model.pattern import PatternSpec
from dragops.model.pin import PinType
from dragops.nodes import flow
from dragops.nodes.convert import CONVERSIONS
from dragops.nodes.definition import python_name
from support.context import RecordingContext
from support.runs import Outcome, outcome_of


def interpret(spec: PatternSpec, event: dict[str, Any], *, start: str | None = None) -> Outcome:
    """Run a pattern without compiling it."""
    return Interpreter(spec).run(event, start)


class Interpreter:
    def __init__(self, spec: PatternSpec) -> None:
        self.graph = checked(spec)
        self.types = {v.name: CONVERSIONS[v.type] for v in spec.variables}
        self.ctx = RecordingContext(self.graph.variables, lambda exc: getattr(exc, "node", None))
        self.outputs: dict[str, dict[str, Any]] = {}

    def run(self, event: dict[str, Any], start: str | None) -> Outcome:
        trigger = self.graph.nodes[start] if start else self.graph.events()[0]
        self.outputs[trigger.id] = event

        async def main() -> None:
            await self.fire(trigger, "exec")

        return outcome_of(self.ctx, main)

    async def fire(self, node: GraphNode, pin: str) -> None:
        for target in node.targets.get(pin, ()):
            await self.enter(self.graph.nodes[target])

    async def enter(self, node: GraphNode) -> None:
        self.ctx.step(node.id)
        if node.definition.function is None:
            nothing = dict.fromkeys(pin.name for pin in node.data_outputs())
            self.ctx.outputs(node.id, nothing)
        rule = getattr(self, f"run_{python_name(node.definition.type)}", None)
        if rule:
            await rule(node)
            return
        result = self.call(node, self.inputs(node, {}))
        names = [pin.name for pin in node.data_outputs()]
        if names:
            self.outputs[node.id] = dict(zip(names, [result], strict=True))
        self.ctx.outputs(node.id, self.outputs.get(node.id, {}))
        await self.fire(node, "exec")

    async def run_branch(self, node: GraphNode) -> None:
        await self.fire(node, "true" if self.inputs(node, {})["condition"] else "false")

    async def run_switch(self, node: GraphNode) -> None:
        text = flow.text_of(self.inputs(node, {})["value"])
        cases: list[str] = node.settings["cases"]
        await self.fire(node, f"case{cases.index(text)}" if text in cases else "default")

    async def run_sequence(self, node: GraphNode) -> None:
        for number in range(node.settings["count"]):
            await self.fire(node, f"then{number}")

    async def run_for_each(self, node: GraphNode) -> None:
        self.outputs[node.id] = {"item": None, "index": None}
        items = self.inputs(node, {})["collection"]
        for index, item in enumerate(items):
            self.outputs[node.id] = {"item": item, "index": index}
            await self.ctx.turn()
            if not node.targets.get("body"):
                self.ctx.outputs(node.id, self.outputs[node.id])
            await self.fire(node, "body")
        await self.fire(node, "completed")

    async def run_try_catch(self, node: GraphNode) -> None:
        self.outputs[node.id] = {"error": None}
        try:
            await self.fire(node, "try")
        except RunFailure as exc:
            self.outputs[node.id] = {"error": self.ctx.failure(exc)}
            if node.targets.get("catch"):
                await self.fire(node, "catch")
            else:
                self.ctx.log("warn", f"dropped: {exc.type}: {exc.message}")
        finally:
            await self.fire(node, "finally")

    def inputs(self, node: GraphNode, seen: dict[str, Any], only: Iterable[str] = ()) -> Any:
        """Read inputs and convert them: all that are wired or set, or `only` some."""
        wanted = [p for p in node.inputs.values() if p.type is not PinType.EXEC]
        if only:
            wanted = [pin for pin in wanted if pin.name in only]
        found = {}
        for pin in wanted:
            source = node.sources.get(pin.name)
            if source:
                found[pin.name] = self.value(self.graph.nodes[source.node], source.pin, seen)
            elif pin.name in node.values or only:
                found[pin.name] = node.values.get(pin.name, pin.default)
        try:
            return {name: self.converted(node, name, found[name]) for name in found}
        except RunFailure as exc:
            raise named(exc, node) from None

    def converted(self, node: GraphNode, pin: str, value: Any) -> Any:
        wanted = node.inputs[pin]
        if wanted.nullable and value is None:
            return None
        return CONVERSIONS[wanted.type](value, pin)

    def value(self, node: GraphNode, pin: str, seen: dict[str, Any]) -> Any:
        """Give an output; computed nodes are evaluated once a reading."""
        if not node.is_computed:
            if node.is_literal:
                return node.constant
            return self.outputs.get(node.id, {}).get(pin)
        if node.id not in seen:
            lazy = getattr(self, f"lazy_{python_name(node.definition.type)}", None)
            if lazy:
                seen[node.id] = lazy(node, seen)
            else:
                seen[node.id] = self.call(node, self.inputs(node, seen))
        result = seen[node.id]
        if pin not in {output.name for output in node.definition.outputs}:
            return result[pin]
        return result if len(node.outputs) == 1 else getattr(result, python_name(pin))

    def lazy_and_(self, node: GraphNode, seen: dict[str, Any]) -> Any:
        return self.one(node, "a", seen) and self.one(node, "b", seen)

    def lazy_or_(self, node: GraphNode, seen: dict[str, Any]) -> Any:
        return self.one(node, "a", seen) or self.one(node, "b", seen)

    def lazy_select(self, node: GraphNode, seen: dict[str, Any]) -> Any:
        return self.one(node, "ifTrue" if self.one(node, "condition", seen) else "ifFalse", seen)

    def lazy_coalesce(self, node: GraphNode, seen: dict[str, Any]) -> Any:
        first = self.one(node, "a", seen)
        return self.one(node, "b", seen) if first is None else first

    def one(self, node: GraphNode, pin: str, seen: dict[str, Any]) -> Any:
        return self.inputs(node, seen, (pin,))[pin]

    def dynamic(self, node: GraphNode, inputs: dict[str, Any]) -> dict[str, Any]:
        """Give the inputs that the node's settings have made, by their keys."""
        fixed = {pin.name for pin in node.definition.inputs}
        return {
            pin.key or name: inputs.get(name, pin.default)
            for name, pin in node.inputs.items()
            if name not in fixed and (name in inputs or pin.key is not None)
        }

    def call(self, node: GraphNode, inputs: dict[str, Any]) -> Any:
        function = node.definition.function
        assert function is not None
        taken = function.__code__.co_varnames
        given = {python_name(name): node.settings[name] for name in node.settings}
        fixed = {pin.name for pin in node.definition.inputs}
        given |= {python_name(n): v for n, v in inputs.items() if n in fixed}
        for pin in node.definition.inputs:
            if pin.dynamic:
                given[python_name(pin.name) + "s"] = self.dynamic(node, inputs)
        known = {"ctx": self.ctx, "types": self.types}
        given |= {n: v for n, v in known.items() if n in taken and n not in given}
        try:
            return function(**given)
        except RunFailure as exc:
            raise named(exc, node) from None


def named(exc: RunFailure, node: GraphNode) -> RunFailure:
    """Remember where a failure came from, unless it is known."""
    exc.node = getattr(exc, "node", node.id)  # type: ignore[attr-defined]  # of this module only
    return exc
