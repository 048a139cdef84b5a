"""What a callable pattern takes and gives, and what its callers may think of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.interface import interface_of

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
INPUTS: list[Any] = [
    "any",
    {"name": "count", "type": "Integer", "required": True},
    {"name": "size", "type": "Integer", "default": 5},
    {"name": "at", "type": "DateTime"},
    {"name": "file", "type": "Binary"},
]
OUTPUTS: list[Any] = [{"name": "total", "type": "Float"}]
PRICE = interface_of({"inputs": INPUTS, "outputs": OUTPUTS})


def test_parameters_are_converted_and_defaults_stand_in() -> None:
    """What is not given and has no default is its type's zero, or null where there is none."""
    given = {"count": "4", "at": "2026-03-05T12:00:00Z", "file": b"ab", "other": 1}

    assert PRICE.event_of(given) == {"any": None, "count": 4, "size": 5, "at": NOON, "file": b"ab"}
    assert PRICE.event_of({"count": None, "at": None, "size": None}) == {
        "any": None,
        "count": 0,
        "size": 0,
        "at": None,
        "file": None,
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "the parameter count is missing"),
        ({"count": "many"}, "pin count: 'many' cannot be converted to an Integer"),
        ({"count": 1, "at": "soon"}, "pin at: 'soon' cannot be converted to a DateTime"),
    ],
)
def test_a_parameter_that_is_missing_or_odd_fails(given: dict[str, Any], told: str) -> None:
    """It is named."""
    with pytest.raises(RunFailure) as caught:
        PRICE.event_of(given)

    assert caught.value.message == told


def test_binary_is_base64_in_json() -> None:
    """As in values; what is none fails."""
    assert PRICE.event_in_json({"count": 1, "file": "YWI="})["file"] == b"ab"
    with pytest.raises(RunFailure, match="pin file: this is no base64"):
        PRICE.event_in_json({"count": 1, "file": "?"})


@pytest.mark.parametrize(
    ("takes", "gives", "told"),
    [
        ({"count": "Any"}, {"total": "Any"}, []),
        ({"count": "String", "at": "String"}, {"total": "Integer"}, []),
        ({}, {}, ["it wants the parameter count"]),
        (
            {"count": "Any", "cuont": "Any"},
            {"tax": "Any"},
            [
                "it has no parameter cuont: it has any, count, size, at, file",
                "it has no output tax: it has total",
            ],
        ),
        (
            {"count": "Array"},
            {"total": "Object"},
            ["its parameter count is Integer, not Array", "its output total is Float, not Object"],
        ),
    ],
)
def test_types_that_a_wire_would_join_match(
    takes: dict[str, str], gives: dict[str, str], told: list[str]
) -> None:
    """Everything else is told at once."""
    found = PRICE.mismatches(
        {name: PinType(type_) for name, type_ in takes.items()},
        {name: PinType(type_) for name, type_ in gives.items()},
    )

    assert list(found) == told
