"""The conversion table of the pattern format, row by row."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS, or_null, to_string

FAILS = object()
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)

ROWS: list[tuple[str, Any, Any]] = [
    ("String", 42, "42"),
    ("String", 0.1, "0.1"),
    ("String", 3.0, "3"),
    ("String", -0.0, "0"),
    ("String", 1e20, "100000000000000000000"),
    ("String", 1e300, "1e+300"),
    ("String", 0.00001, "0.00001"),
    ("String", 2**70, str(2**70)),
    ("String", True, "true"),
    ("String", False, "false"),
    ("String", NOON, "2026-03-05T12:00:00.000Z"),
    ("String", NOON.astimezone(timezone(timedelta(hours=1))), "2026-03-05T13:00:00.000+01:00"),
    ("String", [1, "é", None, {"a": 2.0}], '[1,"é",null,{"a":2.0}]'),
    ("String", {"at": NOON, "b": b"\x00"}, '{"at":"2026-03-05T12:00:00.000Z","b":"AA=="}'),
    ("String", [2**70, float("nan")], f"[{2**70},null]"),
    ("String", b"ab", "YWI="),
    ("String", None, ""),
    ("Integer", " 42 ", 42),
    ("Integer", "+7", 7),
    ("Integer", "3.0", 3),
    ("Integer", "1e3", 1000),
    ("Integer", "9007199254740993", 9007199254740993),
    ("Integer", "3.5", FAILS),
    ("Integer", "1_000", FAILS),
    ("Integer", "٣", FAILS),
    ("Integer", "", FAILS),
    ("Integer", -3.9, -3),
    ("Integer", float("nan"), FAILS),
    ("Integer", float("inf"), FAILS),
    ("Integer", True, 1),
    ("Integer", None, 0),
    ("Integer", [], FAILS),
    ("Float", 7, 7),
    ("Float", "42", 42),
    ("Float", "42.0", 42.0),
    ("Float", "1e3", 1000.0),
    ("Float", ".5", 0.5),
    ("Float", "1e999", FAILS),
    ("Float", "nan", FAILS),
    ("Float", "0x10", FAILS),
    ("Float", False, 0),
    ("Float", None, 0),
    ("Float", {}, FAILS),
    ("Boolean", 0, False),
    ("Boolean", -0.5, True),
    ("Boolean", "YES", True),
    ("Boolean", "on", True),
    ("Boolean", "", False),
    ("Boolean", "Off", False),
    ("Boolean", "maybe", FAILS),
    ("Boolean", None, False),
    ("Boolean", [], FAILS),
    ("DateTime", "2026-03-05T12:00:00Z", NOON),
    ("DateTime", "2026-03-05 12:00", NOON),
    ("DateTime", "2026-03-05T13:00:00+01:00", NOON),
    ("DateTime", "2026-03-05", NOON.replace(hour=0)),
    ("DateTime", "20260305", FAILS),
    ("DateTime", "1772712000000", FAILS),
    ("DateTime", "2026-W10-4", FAILS),
    ("DateTime", "2026-13-01", FAILS),
    ("DateTime", 1772712000, NOON),
    ("DateTime", 1772712000000, NOON),
    ("DateTime", 10**30, FAILS),
    ("DateTime", True, FAILS),
    ("DateTime", None, FAILS),
    ("Binary", b"x", b"x"),
    ("Binary", "eA==", FAILS),
    ("Binary", None, FAILS),
    ("Object", None, {}),
    ("Object", [], FAILS),
    ("Array", None, []),
    ("Array", {}, FAILS),
    ("Any", None, None),
    ("Null", 5, None),
]


@pytest.mark.parametrize(("type_", "value", "wanted"), ROWS)
def test_a_value_becomes_what_the_table_says(type_: str, value: Any, wanted: Any) -> None:
    """Value and kind are exact; what cannot be converted names the pin."""
    convert = CONVERSIONS[PinType(type_)]
    if wanted is FAILS:
        with pytest.raises(RunFailure, match=r"^ConversionError: pin here: ") as caught:
            convert(value, "here")
        assert caught.value.type == "ConversionError"
        return

    assert repr(convert(value, "here")) == repr(wanted) or convert(value, "here") == wanted
    assert type(convert(value, "here")) is type(wanted)


def test_every_pin_type_but_exec_has_a_conversion() -> None:
    """A wire of any type can be compiled."""
    assert set(CONVERSIONS) == set(PinType) - {PinType.EXEC}


def test_an_integer_of_more_than_4096_bits_is_refused() -> None:
    """Before Python spends time on it."""
    with pytest.raises(RunFailure, match="LimitError"):
        CONVERSIONS[PinType.INTEGER]("9" * 1_000_000, "n")


def test_a_long_value_is_cut_in_the_message() -> None:
    """Messages quote 200 characters at most."""
    with pytest.raises(RunFailure) as caught:
        CONVERSIONS[PinType.INTEGER]("x" * 5000, "n")
    assert len(caught.value.message) < 300


def test_a_nullable_pin_keeps_null() -> None:
    """Where the type's zero would mean something else."""
    assert or_null(to_string, None, "p") is None
    assert or_null(to_string, 5, "p") == "5"
