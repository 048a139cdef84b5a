"""JSON of what programs make."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from dragops.engine.encoding import encoded

DEEP: list[Any] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": [1, 2.5, None, True, "ü"]}, {"a": [1, 2.5, None, True, "ü"]}),
        ({1: "a"}, {"1": "a"}),
        (datetime(2026, 3, 5, 12, tzinfo=UTC), "2026-03-05T12:00:00.000Z"),
        (b"\x00\x01", "AAE="),
        ((1, 2), [1, 2]),
        ({3}, [3]),
        (float("nan"), None),
        ([2**70, float("inf"), b"\x00"], [float(2**70), None, "AA=="]),
        ("\ud800", "?"),
        ({"\ud83d": ["\ud800"]}, {"?": ["?"]}),
        (object, "<class 'object'>"),
    ],
)
def test_every_value_has_a_text(value: Any, told: Any) -> None:
    """Dates with Z, bytes as base64, what is no number or no text is replaced."""
    assert orjson.loads(encoded(value)) == told


def test_what_is_nested_too_deeply_is_cut() -> None:
    """A run's end must be recorded whatever the run made."""
    assert "(nested too deeply)" in encoded(DEEP)


def test_a_long_integer_does_not_change_how_the_rest_is_written() -> None:
    """The standard library writes it in full, and as compactly as all other JSON."""
    assert encoded({"a": 2**70, "b": [1, 2]}) == '{"a":1180591620717411303424,"b":[1,2]}'
