"""Every setting and every pin of the catalogue, given what it does not expect."""

from typing import Any

import pytest

from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.definition import Definition, Kind
from support.audit import audit
from support.hostile_words import HOSTILE
from support.patterns import node, pattern, wire

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 0.5, 64, 65, 10**30, -(10**400), 1e308, float("nan"), float("-inf")),
    *("", "\ud800", "a.b[0]", "{", "{}", "[1]", '{"a": 1}', "2026-03-05", "* * * * *", *HOSTILE),
    *([], [[]], [None], ["a", "a"], [{}], ["\0"], [{"name": []}], [float("nan")], [1] * 70),
    *([{"name": "a", "type": 5}], [{"name": "a", "key": 1}], [{"name": "class", "default": {}}]),
    *({}, {"": None}, {"\ud800": 1}, {"a": {"b": []}}, {1: 2}, {"a": b"x"}, b"x", object()),
)


@pytest.mark.parametrize("definition", all_definitions(), ids=lambda each: each.type)
def test_an_odd_value_is_a_fault_or_data(definition: Definition) -> None:
    """Wherever it is given: it never breaks the compiler, nor gets out of its constant."""
    places = (*definition.properties, *definition.inputs)
    for name in ("", "exec", *(place.name for place in places)):
        for value in ODD:
            try_value(definition, {name: value})


def try_value(definition: Definition, values: dict[str, Any]) -> None:
    given = node("n", definition.type, **values)
    parts: list[Any] = [node("start", "OnStart"), given, node("log", "Log"), node("get", "Equal")]
    parts.append(wire("start.exec", "log.exec"))
    if definition.kind is Kind.IMPURE:
        parts.append(wire("start.exec", "n.exec"))
    elif definition.kind is Kind.PURE and definition.outputs:
        parts += [
            wire(f"n.{definition.outputs[0].name}", "get.a"),
            wire("get.result", "log.message"),
        ]
    spec = pattern("odd", *parts)
    try:
        program = compile_pattern(spec, name="odd")
    except PatternError:
        return
    audit(program.text, spec, name="odd")
