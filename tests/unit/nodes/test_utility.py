"""Utility beyond the examples of its page: ids, numbers for readers, long values."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import converting, utility
from support.context import RecordingContext
from support.patterns import chain, node, pattern, variable, wire
from support.runs import run_pattern

HUGE = 10**400
"""An Integer that no Float can hold."""


def test_a_uuid_is_made_of_the_system_s_bytes() -> None:
    """With version and variant where RFC 9562 has them."""
    assert utility.generate_uuid(RecordingContext()) == "00010203-0405-4607-8809-0a0b0c0d0e0f"


def test_a_uuid_of_version_7_starts_with_the_time() -> None:
    """Milliseconds since 1970 in 48 bits."""
    made = utility.generate_uuid(RecordingContext(), "7")

    assert made == "019cbdde-7a00-7607-8809-0a0b0c0d0e0f"
    moment = datetime.fromtimestamp(int(made.replace("-", "")[:12], 16) / 1000, UTC)
    assert moment == RecordingContext().now()


def test_a_uuid_stays_until_the_node_runs_again() -> None:
    """However often it is read."""
    parts = (
        node("start", "OnStart"),
        node("id", "GenerateUuid"),
        *(node(f"keep{i}", "SetVariable", name=f"v{i}") for i in (1, 2)),
        *(variable(f"v{i}", "Any") for i in (1, 2)),
        *(wire("id.uuid", f"keep{i}.value") for i in (1, 2)),
        chain("start", "id", "keep1", "keep2"),
    )

    outcome = run_pattern(pattern("p", *parts), {})

    assert set(outcome.variables.values()) == {"00010203-0405-4607-8809-0a0b0c0d0e0f"}
    assert outcome.steps == ["id", "keep1", "keep2"]


def test_a_comment_is_passed_over() -> None:
    """It is in the pattern, and not in what runs."""
    parts = (node("start", "OnStart"), node("note", "Comment", text="Why"), node("log", "Log"))

    outcome = run_pattern(pattern("p", *parts, chain("start", "log")), {})

    assert outcome.steps == ["log"]
    assert outcome.failure is None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a", "String"),
        (0.5, "Float"),
        (False, "Boolean"),
        (b"", "Binary"),
        (datetime(2026, 3, 5, tzinfo=UTC), "DateTime"),
        (HUGE, "Integer"),
    ],
)
def test_every_value_has_a_type(value: Any, wanted: str) -> None:
    assert utility.type_of(value) == wanted


@pytest.mark.parametrize(
    ("value", "decimals", "wanted"),
    [
        (-0.5, 0, "-1"),
        (-0.4, 0, "0"),
        (-0.0, 1, "0.0"),
        (2.675, 2, "2.68"),
        (999.995, 2, "1|000.00"),
        (3, 2, "3.00"),
        (1e21, 1, "1|000|000|000|000|000|000|000.0"),
        (1e-7, 15, "0.000000100000000"),
        (2**53 + 1, 0, "9|007|199|254|740|993"),
        (-123, 0, "-123"),
    ],
)
def test_a_number_is_written_for_readers(value: Any, decimals: int, wanted: str) -> None:
    """With exactly so many digits, and never as -0."""
    assert converting.format_number(value, decimals, grouping="|") == wanted


def test_the_longest_integers_can_be_written() -> None:
    assert converting.format_number(HUGE, 0) == "1" + "0" * 400


@pytest.mark.parametrize("decimals", [-1, 16, HUGE])
def test_more_digits_than_a_float_has_are_refused(decimals: int) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        converting.format_number(1.5, decimals)


def test_a_grouping_may_not_fill_the_machine() -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        converting.format_number(HUGE, 0, grouping="x" * 2**20)


@pytest.mark.parametrize("value", [HUGE, [1], {}, b"1", "1e400"])
def test_what_is_no_float_has_a_default(value: Any) -> None:
    """A number that a Float cannot hold is none."""
    assert repr(converting.to_float(value, 2)) == "2.0"
    with pytest.raises(RunFailure, match=r"^ConversionError: pin value: "):
        converting.to_float(value)


def test_a_number_that_is_too_long_is_no_matter_of_a_default() -> None:
    """It breaks a limit, which nobody should overlook."""
    with pytest.raises(RunFailure, match=r"^LimitError"):
        converting.to_integer("9" * 2000, 0)


def test_a_default_of_nothing_is_nothing() -> None:
    """0 and false are something."""
    assert converting.to_integer("x", 0) == 0
    assert converting.to_boolean("x", default=False) is False
    with pytest.raises(RunFailure, match=r"^ConversionError"):
        converting.to_boolean("x", default=None)
