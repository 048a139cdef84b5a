"""Reads a node's ``values``: its properties, and fixed values of its inputs."""

import base64
import binascii
import math
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from dragops.compiler.graph import GraphNode
from dragops.errors import Fault, RunFailure
from dragops.model.pattern import Node
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS, quoted
from dragops.nodes.definition import DynamicPins, Pin, Property
from dragops.nodes.limits import DEPTH_MAX

_NUMBERS = (PinType.INTEGER, PinType.FLOAT)
_TEXTS = (PinType.STRING, PinType.ENUM)
_KINDS: dict[PinType, type | tuple[type, ...]] = {
    PinType.STRING: str,
    PinType.INTEGER: int,
    PinType.FLOAT: (int, float),
    PinType.BOOLEAN: bool,
    PinType.OBJECT: dict,
    PinType.ARRAY: list,
    PinType.ENUM: str,
}


def read_values(graph_node: GraphNode, node: Node) -> Iterator[Fault]:
    """Fill in settings, pins and fixed values; give every fault of them."""
    faults = list(_read_settings(graph_node, node.values))
    faults += _make_pins(graph_node)
    misspelt = _misspelt(graph_node, node.values)
    faults += _lacking(graph_node)
    is_sure = not faults and not misspelt
    graph_node.pins_known = is_sure or graph_node.definition.dynamic is None
    yield from faults
    for name in misspelt:
        yield unknown_pin(graph_node, name, _names(graph_node))
    yield from _read_fixed(graph_node, node.values, told=misspelt)


def read_borrower(graph_node: GraphNode, node: Node, lender: GraphNode | None) -> Iterator[Fault]:
    """Do the same for a node whose pins another node's settings make, which have been read."""
    if lender is None or not lender.pins_known:
        graph_node.pins_known = False
        return
    graph_node.settings["outputs"] = lender.settings["outputs"]
    yield from read_values(graph_node, node)


def bad_json(value: Any) -> str | None:
    """Say what keeps a value from being JSON that every part can store, or None."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH_MAX + 1:
            return f"it nests more than {DEPTH_MAX} levels"
        for each in level:
            if wrong := _bad_scalar(each):
                return wrong
        level = [inner for outer in level for inner in _inside(outer)]
    return None


def _bad_scalar(value: Any) -> str | None:
    if isinstance(value, str):
        # lone surrogates, which UTF-8 cannot hold
        return None if value.isascii() or _encodes(value) else "its text is no valid Unicode"
    if isinstance(value, float):
        return None if math.isfinite(value) else "it is no finite number"
    if isinstance(value, int):
        # what JSON parsers agree on; a program's own Integers may be longer
        return None if -(2**63) <= value < 2**64 else "it has more than 64 bits"
    if isinstance(value, dict):
        return None if all(isinstance(key, str) for key in value) else "its keys are no texts"
    return None if value is None or isinstance(value, list) else "it is no JSON value"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _read_settings(node: GraphNode, values: dict[str, Any]) -> Iterator[Fault]:
    for setting in node.definition.properties:
        value = values.get(setting.name)
        if value is None and setting.alias:
            value = values.get(setting.alias)
        if value is None:
            value = setting.default
        try:
            node.settings[setting.name] = None if value is None else _setting(setting, value)
        except ValueError as exc:
            yield _bad(node, setting.name, f"is {quoted_json(value)}: {exc}")
            node.meant.add(setting.name)
            node.settings[setting.name] = setting.default


def _lacking(node: GraphNode) -> Iterator[Fault]:
    for setting in node.definition.properties:
        is_there = node.settings[setting.name] is not None or setting.name in node.meant
        if setting.required and not is_there:
            yield _bad(node, setting.name, "is required: give it a value")


def _setting(setting: Property, value: Any) -> Any:
    if wrong := bad_json(value):
        raise ValueError(wrong)
    if setting.type is PinType.ENUM and setting.check:
        value = setting.check(value)
    if setting.type is PinType.ENUM and not isinstance(value, str | bool):
        value = str(value)
    if setting.type is PinType.INTEGER and isinstance(value, float) and value.is_integer():
        value = int(value)
    kind = _KINDS.get(setting.type, object)
    is_boolean = isinstance(value, bool) and setting.type in _NUMBERS
    if is_boolean or not isinstance(value, kind):
        raise ValueError(f"it must be {_article(setting.type)}")
    if setting.members and value not in setting.members:
        raise ValueError(f"use one of {', '.join(setting.members)}")
    if setting.check and setting.type is not PinType.ENUM:
        value = setting.check(value)
    return value


def _make_pins(node: GraphNode) -> Iterator[Fault]:
    pins = DynamicPins(node.definition.inputs, node.definition.outputs)
    try:
        if node.definition.constant:
            node.constant = node.definition.constant(node.settings)
        pins = node.definition.pins_of(node.settings)
    except ValueError as exc:
        yield Fault(node.id, "BAD_VALUE", f"{node}: {exc}")
    node.inputs = {pin.name: pin for pin in pins.inputs if not pin.dynamic}
    node.outputs = {pin.name: pin for pin in pins.outputs if not pin.dynamic}


def _misspelt(node: GraphNode, values: dict[str, Any]) -> list[str]:
    """Give the names that were meant for a setting; note which settings these are."""
    free = [s.name for s in node.definition.properties if not {s.name, s.alias} & values.keys()]
    strange = [name for name in values if name not in _names(node)]
    near = {name: near_pin(name, [*node.inputs, *free]) for name in strange}
    node.meant.update(setting for setting in near.values() if setting in free)
    return [name for name in strange if near[name] in free]


def _names(node: GraphNode) -> list[str]:
    """Give what a node's values may be called."""
    settings = {name for s in node.definition.properties for name in (s.name, s.alias) if name}
    return [*node.inputs, *sorted(settings)]


def _read_fixed(
    node: GraphNode, values: dict[str, Any], *, told: Collection[str]
) -> Iterator[Fault]:
    known = _names(node)
    for name, value in values.items():
        pin = node.inputs.get(name)
        if pin is not None:
            yield from _read_pin(node, pin, value)
        elif name not in known and name not in told and node.pins_known:
            node.meant.add(near_pin(name, node.inputs))
            yield unknown_pin(node, name, known)


def _read_pin(node: GraphNode, pin: Pin, value: Any) -> Iterator[Fault]:
    if pin.type is PinType.EXEC:
        yield _bad(node, pin.name, "carries no value: take it out of the values")
    elif value is not None or pin.type is PinType.ANY:
        node.values[pin.name] = None
        try:
            node.values[pin.name] = fixed_value(pin, value)
        except ValueError as exc:
            yield _bad(node, pin.name, f"is {quoted_json(value)}: {exc}")
        except RunFailure as exc:
            yield Fault(node.id, "BAD_VALUE", f"{node}: {exc.message}", pin=pin.name)


def fixed_value(pin: Pin, value: Any) -> Any:
    """Give the fixed value of a pin; ValueError or RunFailure says why it is none."""
    if wrong := bad_json(value):
        raise ValueError(wrong)
    if pin.type is PinType.BINARY and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as exc:
            raise ValueError("it must be base64") from exc
    if pin.type in _TEXTS and isinstance(value, dict | list):
        raise ValueError(f"it must be {_article(pin.type)}")  # no wire goes there either
    value = CONVERSIONS[pin.type](value, pin.name)
    if pin.members and value not in pin.members:
        raise ValueError(f"use one of {', '.join(pin.members)}")
    return pin.check(value) if pin.check else value


def unknown_pin(node: GraphNode, name: str, known: list[str]) -> Fault:
    """Make the fault of a pin that the node does not have."""
    near = near_pin(name, known)
    hint = f"did you mean {near}?" if near else f"it has {', '.join(known) or 'none'}"
    return Fault(node.id, "UNKNOWN_PIN", f"{node} has no pin {name[:100]!r}: {hint}", pin=name)


def near_pin(name: str, known: Iterable[str]) -> str:
    """Give the pin that is most like a misspelt one, or nothing."""
    return next(iter(get_close_matches(name, known, n=1)), "")


def quoted_json(value: Any) -> str:
    """Show a value from outside in a message, whatever it is."""
    if isinstance(value, str | dict | list) and bad_json(value):
        return "not a JSON value"
    return quoted(value)


def _bad(node: GraphNode, name: str, wrong: str) -> Fault:
    return Fault(node.id, "BAD_VALUE", f"{node}: {name} {wrong}", pin=name)


def _article(type_: PinType) -> str:
    return f"{'an' if type_.value[0] in 'AEIO' else 'a'} {type_.value}"
