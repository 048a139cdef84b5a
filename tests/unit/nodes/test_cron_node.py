"""Next Cron Time beyond the examples of its page."""

from datetime import datetime

import pytest

from dragops.errors import RunFailure
from dragops.nodes.convert import to_datetime
from dragops.nodes.date_instants import next_cron_time
from dragops.nodes.json_text import time_text
from support.context import RecordingContext


def at(text: str) -> datetime:
    return to_datetime(text, "after")


def fired(expression: str, after: str, timezone: str = "UTC", count: int = 1) -> list[str]:
    found = next_cron_time(RecordingContext(), expression, at(after), timezone, count)
    assert found.next_ == (found.times[0] if found.times else None)
    return [time_text(each) for each in found.times]


def test_a_time_that_is_skipped_is_skipped_and_one_that_is_there_twice_fires_twice() -> None:
    """As Kubernetes does with On Schedule; each with its own offset."""
    assert fired("30 2 * * *", "2026-03-28T12:00Z", "Europe/Berlin") == [
        "2026-03-30T02:30:00.000+02:00"
    ]
    assert fired("30 2 * * *", "2026-10-24T12:00Z", "Europe/Berlin", 2) == [
        "2026-10-25T02:30:00.000+02:00",
        "2026-10-25T02:30:00.000+01:00",
    ]


def test_an_offset_will_do_for_a_zone() -> None:
    """On Schedule wants a name, as Kubernetes does; this node need not."""
    assert fired("0 9 * * *", "2026-03-05T12:00Z", "+05:45") == ["2026-03-06T09:00:00.000+05:45"]
    assert fired("0 9 * * *", "2026-03-05T12:00-03:00", "") == ["2026-03-06T09:00:00.000-03:00"]


def test_seconds_and_weekday_seven_are_read_as_on_schedule_reads_them() -> None:
    assert fired("*/30 * * * * 7", "2026-03-07T12:00Z", count=2) == [
        "2026-03-08T00:00:00.000Z",
        "2026-03-08T00:00:30.000Z",
    ]


def test_the_next_leap_day_is_found_even_after_eight_years() -> None:
    """2100 is no leap year; Kubernetes looks ahead for five years only."""
    assert fired("0 0 29 2 *", "2096-03-01") == ["2104-02-29T00:00:00.000Z"]


@pytest.mark.parametrize("after", ["2026-03-05", "9985-01-01", "9989-12-31", "9999-12-31"])
def test_a_rule_that_never_fires_has_no_next_time(after: str) -> None:
    assert fired("0 0 31 2 *", after, count=3) == []


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "@every 5m", "* " * 10**5])
def test_a_bad_expression_is_a_parse_error(expression: str) -> None:
    """It names the field."""
    with pytest.raises(RunFailure, match=r"^ParseError: bad cron expression: \w+: ") as caught:
        next_cron_time(RecordingContext(), expression)
    assert len(caught.value.message) < 400


def test_the_begin_of_the_calendar_is_its_begin() -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        fired("0 9 * * *", "0001-01-01", "America/Lima")
