"""Reads inputs: the expression of each, and before it a line for each computed node behind it.

Within one reading a computed node is evaluated once, however many inputs lead to it; the next
reading evaluates it anew.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from dragops.compiler.graph import GraphNode, Source
from dragops.compiler.lazy import LAZY
from dragops.compiler.unit import Body, Unit
from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS
from dragops.nodes.definition import Pin, python_name

DEPTH_MAX = 14
"""Deeper text goes into a function: for readers, and as CPython stops at 100 levels."""

_GIVEN = {"ctx": "ctx", "types": "TYPES"}
_SAME = {(PinType.INTEGER, PinType.FLOAT), (PinType.ENUM, PinType.STRING)}


class Reader:
    """Writes readings into one body."""

    def __init__(self, unit: Unit, body: Body) -> None:
        self.unit, self.body = unit, body

    def call_of(self, node: GraphNode) -> str:
        """Write what the node's inputs need, then give the call of its function."""
        self.prepare(node, [pin for pin in node.inputs if pin not in node.definition.lazy])
        return self._call(node)

    def call_to(self, function: Callable[..., Any], node: GraphNode, **others: str) -> str:
        """Write what the node's inputs need, then give a call of this function with them.

        ``others`` are expressions of arguments that are neither pins nor settings.
        """
        self.prepare(node, list(node.inputs))
        return self._call_to(function, node, others)

    def value_of(self, node: GraphNode) -> str:
        """Write all that a computed node needs, then give the expression of its value."""
        return self.evaluate(node) if node.definition.lazy else self.call_of(node)

    def read(self, node: GraphNode, pin: str) -> str:
        """Write what one input needs, then give its expression."""
        self.prepare(node, [pin])
        return self.argument(node, node.inputs[pin])

    def is_at_hand(self, node: GraphNode, pin: str) -> bool:
        """Say whether an input can be read without a line before it."""
        source = node.sources.get(pin)
        if source is None:
            return True
        producer = self.unit.graph.nodes[source.node]
        return not producer.is_computed or producer.id in self.body.known

    def prepare(self, node: GraphNode, pins: list[str]) -> None:
        """Write a line for each computed node that the inputs need and that is not at hand."""
        todo = [(producer, False) for producer in self._producers(node, pins)]
        while todo:
            each, is_ready = todo.pop()
            if each.id in self.body.known:
                continue
            if self._is_function(each):
                self._write_getter_call(each)
            elif is_ready:
                self.evaluate(each)
            else:
                strict = [pin for pin in each.inputs if pin not in each.definition.lazy]
                todo.append((each, True))
                todo.extend((producer, False) for producer in self._producers(each, strict))

    def evaluate(self, node: GraphNode) -> str:
        """Write the line that evaluates a node whose inputs are at hand; give its variable."""
        name = self.unit.local(node)
        rule = LAZY.get(node.definition.type)
        if rule is None:
            self.body.out.line(f"{name} = {self._call(node)}", origin=node.id)
        else:
            rule(self, node, name)
        self.body.known[node.id] = name
        return name

    def argument(self, node: GraphNode, pin: Pin) -> str:
        """Give the expression of an input, converted to the pin's type."""
        source = node.sources.get(pin.name)
        if source is None:
            return self.unit.imports.literal(node.values.get(pin.name, pin.default))
        producer = self.unit.graph.nodes[source.node]
        if producer.is_literal:
            try:
                return self.unit.imports.literal(_arriving(producer.constant, pin))
            except RunFailure:
                pass  # it fails in the run, where Try / Catch can see it
        return self._converted(producer, source, pin)

    def _producers(self, node: GraphNode, pins: list[str]) -> list[GraphNode]:
        sources = (node.sources[pin] for pin in reversed(pins) if pin in node.sources)
        producers = (self.unit.graph.nodes[source.node] for source in sources)
        return [producer for producer in producers if producer.is_computed]

    def _is_function(self, node: GraphNode) -> bool:
        is_deep = bool(node.definition.lazy) and self.body.out.depth > DEPTH_MAX
        return is_deep or node.id in self.unit.shares.functions

    def _write_getter_call(self, node: GraphNode) -> None:
        getter, name = self.unit.getter(node), self.unit.local(node)
        self.body.out.line(f"{name} = {getter.name}({self.unit.given})", origin=node.id)
        self.body.known[node.id] = name
        self.unit.reads.append((self.body.name, getter.name))

    def _call(self, node: GraphNode) -> str:
        function = node.definition.function
        if function is None:
            raise LookupError(f"no rule writes {node.definition.type}")
        return self._call_to(function, node, {})

    def _call_to(
        self, function: Callable[..., Any], node: GraphNode, others: Mapping[str, str]
    ) -> str:
        module = function.__module__.rpartition(".")[2]
        self.unit.imports.nodes.add(module)
        arguments = [*self._arguments(node, function), *(f"{n}={e}" for n, e in others.items())]
        call = f"{module}.{function.__name__}({', '.join(arguments)})"
        return f"await {call}" if inspect.iscoroutinefunction(function) else call

    def _arguments(self, node: GraphNode, function: Callable[..., Any]) -> Iterator[str]:
        """Give the arguments in the function's order; what is as by default is left out."""
        settings = {python_name(s.name): s for s in node.definition.properties}
        pins = {python_name(pin.name) + "s" * pin.dynamic: pin for pin in node.definition.inputs}
        for name in _parameters(function):
            if name in _GIVEN and name not in settings:
                yield _GIVEN[name]
            elif node.definition.request is not None and name not in settings:
                is_table = name == "request"
                yield self.unit.imports.request(node.definition) if is_table else self._given(node)
            elif name in pins and pins[name].dynamic:
                yield from (f"{name}={items}" for items in self._dynamic(node))
            elif setting := settings.get(name):
                value = node.settings[setting.name]
                if value != setting.default:
                    yield f"{name}={self.unit.imports.literal(value)}"
            elif (pin := pins.get(name)) and (
                pin.name in node.sources or not _is_default(node, pin)
            ):
                yield f"{name}={self.argument(node, pin)}"

    def _given(self, node: GraphNode) -> str:
        """Give all inputs of a declarative node that have a value, by name."""
        literal = self.unit.imports.literal
        items = [
            f"{literal(name)}: {self.argument(node, pin)}"
            for name, pin in node.inputs.items()
            if name in node.sources or name in node.values or pin.default is not None
        ]
        return f"{{{', '.join(items)}}}"

    def _dynamic(self, node: GraphNode) -> Iterator[str]:
        fixed = {pin.name for pin in node.definition.inputs}
        items = [
            f"{self.unit.imports.literal(pin.key or name)}: {self.argument(node, pin)}"
            for name, pin in node.inputs.items()
            if name not in fixed
            and (name in node.sources or name in node.values or pin.key is not None)
        ]
        if items:
            yield f"{{{', '.join(items)}}}"

    def _source(self, producer: GraphNode, source: Source) -> str:
        if producer.is_event:
            event = self.unit.events.get(producer.id)
            return f"{event}.get({self.unit.imports.literal(source.pin)})" if event else "None"
        if producer.is_literal:
            return self.unit.imports.literal(producer.constant)
        if not producer.is_computed:
            return self.unit.output(producer, source.pin)
        name = self.body.known[producer.id]
        if source.pin not in {pin.name for pin in producer.definition.outputs}:
            return f"{name}[{self.unit.imports.literal(source.pin)}]"
        return name if len(producer.outputs) == 1 else f"{name}.{python_name(source.pin)}"

    def _converted(self, producer: GraphNode, source: Source, pin: Pin) -> str:
        expression, output = self._source(producer, source), producer.outputs[source.pin]
        if pin.type is PinType.NULL:
            return "None"
        if pin.type is PinType.ANY or _agree(producer, output, pin):
            return expression
        convert, pin_name = CONVERSIONS[pin.type].__name__, self.unit.imports.literal(pin.name)
        self.unit.imports.conversions.add(convert)
        if pin.nullable:
            self.unit.imports.conversions.add("or_null")
            return f"or_null({convert}, {expression}, {pin_name})"
        return f"{convert}({expression}, {pin_name})"


def _arriving(constant: Any, pin: Pin) -> Any:
    if constant is None and pin.nullable:
        return None
    return CONVERSIONS[pin.type](constant, pin.name)


def _agree(producer: GraphNode, output: Pin, pin: Pin) -> bool:
    # only what is computed is sure of its type: events are what a sender made of them, and
    # outputs of impure nodes are null until these have run
    # a null that may go in as a default may come out
    lets_null_out = any(p.nullable and p.type is output.type for p in producer.inputs.values())
    is_sure = producer.is_computed and not (output.nullable or lets_null_out)
    return is_sure and (output.type is pin.type or (output.type, pin.type) in _SAME)


def _is_default(node: GraphNode, pin: Pin) -> bool:
    if pin.required:
        return False
    value = node.values.get(pin.name, pin.default)
    return type(value) is type(pin.default) and bool(value == pin.default)


@lru_cache(maxsize=512)
def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)
