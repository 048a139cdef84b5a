"""The calendar of a zone beyond the examples of its page: both changes of clocks, and the ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.errors import RunFailure
from dragops.nodes import date_calendar, date_instants, dates
from dragops.nodes.convert import to_datetime
from dragops.nodes.json_text import time_text
from support.context import RecordingContext

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(
    ["", "UTC", "+05:45", BERLIN, "America/Sao_Paulo", "America/Havana", "Pacific/Apia"]
)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
NO_ZONES = ["Mars", "utc", "Z", "+1:00", "+24:00", "+0100", "../etc", "America", "localtime"]


def date(text: str) -> datetime:
    return to_datetime(text, "date")


def added(text: str, amount: int, unit: str = "days", timezone: str = BERLIN) -> str:
    return time_text(date_calendar.add_to_date(date(text), amount, unit, timezone))


def period(text: str, unit: str, timezone: str = BERLIN, week_start: Any = "monday") -> list[str]:
    found = date_calendar.date_period(date(text), unit, timezone, week_start)
    return [time_text(each)[:16] + time_text(each)[23:] for each in found]


@pytest.mark.parametrize(
    ("start", "amount", "unit", "wanted"),
    [
        # 29 March has no hour from 2 to 3
        ("2026-03-28T02:30+01:00", 1, "days", "2026-03-29T03:30:00.000+02:00"),
        ("2026-03-22T02:30+01:00", 1, "weeks", "2026-03-29T03:30:00.000+02:00"),
        ("2026-02-28T02:30+01:00", 1, "months", "2026-03-28T02:30:00.000+01:00"),
        ("2025-03-29T02:30+01:00", 1, "years", "2026-03-29T03:30:00.000+02:00"),
        ("2026-03-29T01:30+01:00", 1, "hours", "2026-03-29T03:30:00.000+02:00"),
        ("2026-03-29T03:30+02:00", -1, "days", "2026-03-28T03:30:00.000+01:00"),
        # 25 October has that hour twice
        ("2026-10-24T02:30+02:00", 1, "days", "2026-10-25T02:30:00.000+02:00"),
        ("2026-10-26T02:30+01:00", -1, "days", "2026-10-25T02:30:00.000+02:00"),
        ("2026-10-24T02:30+02:00", 25, "hours", "2026-10-25T02:30:00.000+01:00"),
        ("2026-10-25T02:30+01:00", 0, "days", "2026-10-25T02:30:00.000+01:00"),
        ("2026-10-25T02:30+01:00", 1, "days", "2026-10-26T02:30:00.000+01:00"),
        ("2026-10-25T02:30+02:00", 3600_000, "milliseconds", "2026-10-25T02:30:00.000+01:00"),
    ],
)
def test_the_hour_stays_over_a_change_of_clocks(
    start: str, amount: int, unit: str, wanted: str
) -> None:
    """Of a time that is there twice it is the first, and one that is not there moves on."""
    assert added(start, amount, unit) == wanted


@pytest.mark.parametrize(
    ("start", "amount", "unit", "wanted"),
    [
        ("2024-02-29", 1, "years", "2025-02-28T00:00:00.000Z"),
        ("2024-03-31", -1, "months", "2024-02-29T00:00:00.000Z"),
        ("2026-12-31", 2, "months", "2027-02-28T00:00:00.000Z"),
        ("2026-01-15T00:00+14:00", -1, "months", "2025-12-15T00:00:00.000+14:00"),
        ("0001-01-01", 9998, "years", "9999-01-01T00:00:00.000Z"),
        ("0001-01-01T00:00+05:00", 1, "hours", "0001-01-01T01:00:00.000+05:00"),
    ],
)
def test_a_day_that_the_month_lacks_becomes_its_last(
    start: str, amount: int, unit: str, wanted: str
) -> None:
    assert added(start, amount, unit, timezone="") == wanted


@pytest.mark.parametrize("unit", ["milliseconds", "hours", "days", "weeks", "months", "years"])
@pytest.mark.parametrize("amount", [10**15, -(10**15), 10**1200, -(10**1200)])
def test_the_calendar_has_ends(unit: str, amount: int) -> None:
    """However far the amount leads beyond them."""
    with pytest.raises(RunFailure, match=r"^LimitError: .*years 1 to 9999"):
        added("2026-03-05", amount, unit)


@pytest.mark.parametrize(
    ("at", "unit", "wanted"),
    [
        ("2026-03-29T12:00Z", "day", ["2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"]),
        ("2026-10-25T01:30Z", "day", ["2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"]),
        ("2026-10-25T00:30Z", "hour", ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]),
        ("2026-10-25T01:30Z", "hour", ["2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]),
        ("2026-03-29T00:59Z", "hour", ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"]),
        ("2026-03-29T01:00Z", "minute", ["2026-03-29T03:00+02:00", "2026-03-29T03:01+02:00"]),
        ("2026-12-31T23:30Z", "month", ["2027-01-01T00:00+01:00", "2027-02-01T00:00+01:00"]),
        ("2026-05-31T21:59Z", "quarter", ["2026-04-01T00:00+02:00", "2026-07-01T00:00+02:00"]),
        ("2026-05-31T21:59Z", "year", ["2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"]),
    ],
)
def test_a_period_is_that_of_the_zone(at: str, unit: str, wanted: list[str]) -> None:
    assert period(at, unit) == wanted


def test_a_week_begins_when_the_pattern_says() -> None:
    """A Sunday is the end of one, or the begin of the next."""
    assert period("2026-03-08", "week", "") == ["2026-03-02T00:00Z", "2026-03-09T00:00Z"]
    assert period("2026-03-08", "week", "", "sunday") == ["2026-03-08T00:00Z", "2026-03-15T00:00Z"]
    assert period("2026-03-07", "week", "", "sunday") == ["2026-03-01T00:00Z", "2026-03-08T00:00Z"]


def test_a_day_may_begin_after_midnight() -> None:
    """Where clocks change at midnight; and Samoa left a day out."""
    began, ended = period("2018-11-04T12:00Z", "day", "America/Sao_Paulo")
    assert (began, ended) == ("2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00")
    assert period("2011-12-29T22:00-10:00", "day", "Pacific/Apia")[1] == "2011-12-31T00:00+14:00"


@given(
    MOMENTS,
    ZONES,
    st.sampled_from(["minute", "hour", "day", "week", "month", "quarter", "year"]),
)
def test_periods_follow_each_other_without_gaps(moment: datetime, zone: str, unit: str) -> None:
    """A date lies in its period, whose end is the start of another one."""
    start, end = date_calendar.date_period(moment, unit, zone)

    assert start <= moment < end
    assert date_calendar.date_period(end, unit, zone).start == end


def test_the_last_period_has_no_end() -> None:
    for at, unit in (("9999-12-31", "day"), ("9999-02-01", "year"), ("9999-12-31T23:59", "hour")):
        with pytest.raises(RunFailure, match=r"^LimitError"):
            period(at, unit, "")
    with pytest.raises(RunFailure, match=r"^LimitError"):
        period("0001-01-01", "week", "", "sunday")


@given(MOMENTS, MOMENTS, st.sampled_from(["months", "years"]), st.sampled_from([0, 90, -720, 840]))
def test_whole_months_are_the_most_that_fit(
    a: datetime, b: datetime, unit: str, minutes: int
) -> None:
    """By Add to Date, in the offset of the date from which they are counted."""
    moved = a + timedelta(minutes=minutes)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    first = date_instants.convert_timezone(moved, offset)
    count = date_calendar.date_difference(first, b, unit)

    assert count == -date_calendar.date_difference(b, first, unit) or a > b
    if first <= b:
        assert isinstance(count, int)
        assert date_calendar.add_to_date(first, count, unit) <= b
        assert date_calendar.add_to_date(first, count + 1, unit) > b


@pytest.mark.parametrize(
    ("from_", "to", "unit", "wanted"),
    [
        ("2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", "hours", 23),
        ("2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", "days", 23 / 24),
        ("2026-03-05", "2026-03-05T00:00:00.0005", "milliseconds", 0.5),
        ("2026-03-05", "2026-03-19", "weeks", 2),
        ("0001-01-01", "9999-12-31", "milliseconds", 315_537_811_200_000),
        ("2026-03-31", "2026-02-28", "months", -1),
        ("2026-03-05T10:00", "2027-03-05T09:59", "years", 0),
        ("2026-03-01T00:30+02:00", "2026-03-31T23:00Z", "months", 1),
    ],
)
def test_the_time_between_dates_is_exact(from_: str, to: str, unit: str, wanted: float) -> None:
    """An Integer where it comes out even; a day has 24 hours."""
    found = date_calendar.date_difference(date(from_), date(to), unit)

    assert repr(found) == repr(wanted)


def test_parts_are_those_of_the_zone() -> None:
    """The last days of a year may be in the first week of the next."""
    parts = date_calendar.date_part(date("2024-12-29T23:30Z"), "+01:00")

    assert parts == (2024, 4, 12, 1, 30, 1, 365, 0, 30, 0, 0)


@pytest.mark.parametrize("zone", [*NO_ZONES, "x" * 10**6])
def test_a_zone_that_is_none_is_a_parse_error(zone: str) -> None:
    """A node tells what it takes, and quotes no more than a line."""
    with pytest.raises(RunFailure, match=r"^ParseError: .* offset such as \+01:00") as caught:
        date_instants.convert_timezone(date("2026-03-05"), zone)
    assert len(caught.value.message) < 300


def test_no_zone_is_the_date_s_own() -> None:
    moment = date("2026-03-05T12:00-03:30")

    assert date_instants.convert_timezone(moment, "") == moment
    assert date_instants.convert_timezone(moment, "").utcoffset() == moment.utcoffset()
    assert time_text(dates.now(RecordingContext(), "")) == "2026-03-05T12:00:00.000Z"


def test_a_moment_keeps_its_offset_and_not_its_zone() -> None:
    """Python compares two moments of one zone by their hands, and takes the second hour for one."""
    first, second = (
        date_instants.convert_timezone(date(f"2026-10-25T0{hour}:30Z"), BERLIN) for hour in (0, 1)
    )

    assert date_calendar.compare_dates(first, second) == (True, False, False)
    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (99_999_999_999, "5138-11-16T09:46:39.000Z"),
        (-100_000_000_000, "1966-10-31T14:13:20.000Z"),
        (1.0005, "1970-01-01T00:00:01.000Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"),
    ],
)
def test_large_numbers_are_milliseconds(value: float, wanted: str) -> None:
    assert time_text(date_instants.from_unix_time(value)) == wanted


@pytest.mark.parametrize("value", [1e300, -1e300, 10**1200, -99_999_999_999, 1e17])
def test_a_number_beyond_the_calendar_is_a_limit_error(value: float) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError: .*years 1 to 9999"):
        date_instants.from_unix_time(value)


def test_seconds_that_are_meant_are_seconds() -> None:
    """Without a guess."""
    moment = date_instants.from_unix_time(200_000_000_000, "seconds")

    assert time_text(moment) == "8307-10-01T19:33:20.000Z"
    assert date_instants.to_unix_time(moment) == 200_000_000_000
    assert date_instants.to_unix_time(date_instants.from_unix_time(-1, "milliseconds")) == -1
