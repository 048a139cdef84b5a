"""Variables of a pattern: what they may start with."""

from typing import Any

import pytest

from dragops.compiler.check import check
from support.patterns import node, pattern, variable, wires
from support.reference.interpreter import interpret
from support.runs import run_pattern

START, LOG = node("start", "OnStart"), node("log", "Log")
READ = node("read", "GetVariable", name="x")


@pytest.mark.parametrize(
    ("type_", "default", "wanted"),
    [
        ("Binary", "aGk=", "aGk="),
        ("Binary", None, ""),
        ("Float", "2.50", "2.5"),
        ("Boolean", "yes", "true"),
        ("DateTime", "2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("Null", 5, ""),
        ("Enum", "a", "a"),
        ("Array", None, "[]"),
    ],
)
def test_a_variable_starts_with_its_default_in_its_type(
    type_: str, default: Any, wanted: str
) -> None:
    """As a value of a pin of that type would: bytes are written in base64."""
    reading = wires("start.exec -> log.exec", "read.value -> log.message")
    spec = pattern("p", START, READ, LOG, variable("x", type_, default), reading)

    assert run_pattern(spec, {}).texts() == interpret(spec, {}).texts() == [wanted]


@pytest.mark.parametrize(
    ("type_", "default", "told"),
    [
        ("Exec", None, "variable x: no variable holds Exec: choose another type"),
        ("Integer", "x", "variable x: its default: 'x' cannot be converted to an Integer"),
        ("Binary", "?", "variable x: its default is '?': it must be base64"),
        ("Any", 2**80, f"variable x: its default is {2**80}: it has more than 64 bits"),
    ],
)
def test_a_default_that_is_none_is_told_by_the_variable(
    type_: str, default: Any, told: str
) -> None:
    """A variable has no pins, and no message speaks of one."""
    (fault,) = check(pattern("p", START, variable("x", type_, default)))[1]

    assert (fault.code, fault.message, fault.variable) == ("BAD_VALUE", told, "x")


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["total", "zero"], "declare it, or use: total, zero"),
        (
            [f"v{at}" for at in range(200)],
            "declare it, or use: v0, v1, v2, v3, v4, v5, v6, v7, ...",
        ),
    ],
)
def test_a_missing_variable_is_told_with_some_that_there_are(names: list[str], advice: str) -> None:
    """Not with all two hundred."""
    parts = [variable(name, "Any") for name in names]

    (fault,) = check(pattern("p", START, node("g", "GetVariable", name="Xyz"), *parts))[1]

    assert fault.message == f"Get Variable (g): there is no variable 'Xyz': {advice}"
