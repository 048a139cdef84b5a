"""Large graphs of one flow node: in a row, one inside the other, in ladders where flows join."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from dragops.model.pattern import Node, PatternSpec, Wire
from dragops.model.pin import PinType
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.definition import Definition, Kind
from support.graphs import pins_of
from support.patterns import node, pattern, wire

START = node("start", "OnStart")
Shape = Callable[[str, int], PatternSpec]
_VALUES: dict[PinType, Any] = {
    PinType.BOOLEAN: True,
    PinType.ARRAY: [1],
    PinType.INTEGER: 1,
    PinType.ANY: "a",
}
_SETTINGS: dict[str, dict[str, Any]] = {"Switch": {"cases": ["a", "b"]}}


def flow_types() -> list[str]:
    """Give the nodes that decide what runs next."""
    return [each.type for each in all_definitions() if _decides(each)]


def _decides(definition: Definition) -> bool:
    is_rule = definition.kind is Kind.IMPURE and definition.function is None
    needs = any(setting.required for setting in definition.properties)
    return is_rule and not needs and bool(_outputs(_made("n", definition.type)))


def ladder(type_: str, size: int) -> PatternSpec:
    """Two rows; whatever a node fires is in the next rung, left and right in turns."""
    rungs = [[_made(f"{row}{i}", type_) for row in "lr"] for i in range(size // 2)]
    wires = [
        _fire(each, pin, below[(at + turn) % 2])
        for above, below in pairwise(rungs)
        for at, each in enumerate(above)
        for turn, pin in enumerate(_outputs(each))
    ]
    return _from(rungs[0][0], (each for rung in rungs for each in rung), wires)


def bundle(type_: str, size: int) -> PatternSpec:
    """A row; everything that a node fires is the next one."""
    row = [_made(f"n{i}", type_) for i in range(size)]
    return _from(row[0], row, [_fire(a, pin, b) for a, b in pairwise(row) for pin in _outputs(a)])


def nest(type_: str, size: int) -> PatternSpec:
    """A row; each node is what the first output of the one before fires."""
    row = [_made(f"n{i}", type_) for i in range(size)]
    return _from(row[0], row, [_fire(a, _outputs(a)[0], b) for a, b in pairwise(row)])


def chain(type_: str, size: int) -> PatternSpec:
    """A row; each node is what the last output of the one before fires."""
    row = [_made(f"n{i}", type_) for i in range(size)]
    return _from(row[0], row, [_fire(a, _outputs(a)[-1], b) for a, b in pairwise(row)])


def comb(type_: str, size: int) -> PatternSpec:
    """A row as in a nest; what else a node fires is a tooth of its own, in which all meet."""
    row = [_made(f"n{i}", type_) for i in range(size // 2)]
    teeth = [node(f"t{i}", "Log") for i in range(size // 2)]
    wires = [_fire(a, _outputs(a)[0], b) for a, b in pairwise(row)]
    wires += [
        _fire(each, pin, tooth)
        for each, tooth in zip(row, teeth, strict=True)
        for pin in _outputs(each)[1:] or _outputs(each)
    ]
    return _from(row[0], [*row, *teeth], wires)


def fan(type_: str, size: int) -> PatternSpec:
    """A row; each output fires the next one and the one after that."""
    row = [_made(f"n{i}", type_) for i in range(size)]
    wires = [
        _fire(each, pin, target)
        for at, each in enumerate(row)
        for pin in _outputs(each)
        for target in row[at + 1 : at + 3]
    ]
    return _from(row[0], row, wires)


SHAPES: dict[str, Shape] = {
    "ladder": ladder,
    "bundle": bundle,
    "nest": nest,
    "chain": chain,
    "comb": comb,
    "fan": fan,
}


def _made(id_: str, type_: str) -> Node:
    definition = next(each for each in all_definitions() if each.type == type_)
    needed = (pin for pin in definition.inputs if pin.required)
    values = {pin.name: _VALUES[pin.type] for pin in needed if pin.type in _VALUES}
    return node(id_, type_, **values | _SETTINGS.get(type_, {}))


def _outputs(made: Node) -> list[str]:
    return [pin.name for pin in pins_of(made, "outputs") if pin.type is PinType.EXEC]


def _fire(made: Node, pin: str, target: Node) -> Wire:
    return wire(f"{made.id}.{pin}", f"{target.id}.exec")


def _from(first: Node, nodes: Iterable[Node], wires: list[Wire]) -> PatternSpec:
    return pattern("shape", START, *nodes, wire("start.exec", f"{first.id}.exec"), tuple(wires))
