"""Outputs that may hold null: what reads them gets the zero of its own type."""

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from dragops.model.pin import PinType
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.definition import Definition, Pin
from support.patterns import chain, node, pattern, wire
from support.runs import run_pattern

NOTHING: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("RegexExtract", {"value": "x", "pattern": "q"}, "match", "StringLength.value", "0"),
    ("HtmlExtract", {"html": "x", "selector": "q"}, "first", "StringLength.value", "0"),
    ("Base64Decode", {"text": "_-8"}, "text", "ToUpperCase.value", ""),
    ("HexDecode", {"text": "ff"}, "text", "Concat.a", ""),
    ("ParseUrl", {"url": "ftp://a.test/"}, "port", "Range.end", "[]"),
    ("IpInfo", {"ip": "none"}, "isPrivate", "Not.value", "true"),
    ("IpInfo", {"ip": "none"}, "reverse", "Split.value", "[]"),
    ("IpInfo", {"ip": "none"}, "version", "Add.a", "1"),
    ("IpInCidr", {"ip": "::1", "ranges": []}, "match", "Trim.value", ""),
    ("GetEnvironment", {"name": "NOPE"}, "value", "StringLength.value", "0"),
]
WITH_FUNCTION = [each for each in all_definitions() if each.function and not each.request]


@pytest.mark.parametrize(("type_", "values", "output", "target", "logged"), NOTHING)
def test_nothing_found_is_the_zero_of_the_pin_that_reads_it(
    type_: str, values: dict[str, Any], output: str, target: str, logged: str
) -> None:
    """Though both pins are of one type, and nothing would have to be converted."""
    reader, _, pin = target.partition(".")
    fixed = {"b": 1} if reader == "Add" else {}
    spec = pattern(
        "nothing",
        *(node("start", "OnStart"), node("finds", type_, **values), node("log", "Log")),
        *(node("reads", reader, **fixed), wire(f"finds.{output}", f"reads.{pin}")),
        *(wire(f"reads.{only_output(reader)}", "log.message"), chain("start", "log")),
    )

    outcome = run_pattern(spec, {"data": {}})

    assert (outcome.failure, outcome.texts()) == (None, [logged])


def test_no_next_time_is_no_date() -> None:
    """A DateTime has no zero."""
    spec = pattern(
        "never",
        *(node("start", "OnStart"), node("next", "NextCronTime", expression="0 0 31 2 *")),
        *(node("shown", "FormatDate"), node("log", "Log"), wire("next.next", "shown.date")),
        *(wire("shown.text", "log.message"), chain("start", "log")),
    )

    outcome = run_pattern(spec, {"data": {}})

    assert outcome.failure
    assert (outcome.failure["type"], outcome.failure["nodeId"]) == ("ConversionError", "shown")


@pytest.mark.parametrize("found", WITH_FUNCTION, ids=lambda found: found.type)
def test_an_output_is_declared_to_hold_null_where_its_function_gives_none(
    found: Definition,
) -> None:
    """The compiler converts what may be null, and passes on what is sure of its type."""
    for pin, hint in outputs_of(found):
        assert pin.nullable == may_be_none(hint), pin.name


def outputs_of(found: Definition) -> Iterator[tuple[Pin, Any]]:
    """Each fixed output with the type that its function gives it."""
    assert found.function is not None
    hint = get_type_hints(found.function)["return"]
    pins = [pin for pin in found.outputs if pin.type is not PinType.EXEC and not pin.dynamic]
    parts = [hint] if len(pins) == 1 else list(get_type_hints(hint).values()) if pins else []
    yield from zip(pins, parts, strict=True)


def may_be_none(hint: Any) -> bool:
    is_union = get_origin(hint) in {Union, types.UnionType}
    return hint is Any or hint is type(None) or (is_union and type(None) in get_args(hint))


def only_output(type_: str) -> str:
    return next(each.outputs[0].name for each in WITH_FUNCTION if each.type == type_)
