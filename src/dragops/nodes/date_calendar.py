"""Date/Time: moments moved, compared and taken apart, by the calendar of a zone.

Days and longer keep the hour of the zone's clock; hours and shorter are exact.
"""

import calendar
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.convert import Number, member
from dragops.nodes.math import divide
from dragops.nodes.moments import (
    MILLISECOND,
    SECOND,
    at_wall,
    checked_zone,
    fixed,
    offset_of,
    seen_in,
    within_calendar,
    zone_or,
)
from dragops.nodes.values import instant

category = Category("Date/Time")

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_EXACT: Final = {
    "milliseconds": MILLISECOND,
    "seconds": SECOND,
    "minutes": _MINUTE,
    "hours": _HOUR,
}
_DAYS: Final = {"days": 1, "weeks": 7}
_MONTHS: Final = {"months": 1, "years": 12}
_UNITS: Final = (*_EXACT, *_DAYS, *_MONTHS)


@category.node(
    "AddToDate pure (date: DateTime!, amount: Integer!,"
    ' unit: Enum(milliseconds|seconds|minutes|hours|days|weeks|months|years) = "days")'
    ' [timezone: String = ""] -> (result: DateTime)',
    checks={"timezone": checked_zone},
)
def add_to_date(date: datetime, amount: int, unit: str = "days", timezone: str = "") -> datetime:
    """Move a date by some time, back too; a day that the month lacks becomes its last."""
    member(unit, _UNITS, "unit")
    where = zone_or(timezone, offset_of(date))
    with within_calendar():
        if unit in _EXACT or not amount:
            return seen_in(fixed(date) + amount * _EXACT.get(unit, _DAY), where)
        wall = date.astimezone(where).replace(tzinfo=None)
        if unit in _DAYS:
            return at_wall(wall + timedelta(days=amount * _DAYS[unit]), where)
        return at_wall(_months_later(wall, amount * _MONTHS[unit]), where)


class DateParts(NamedTuple):
    """What DatePart puts out."""

    year: int
    quarter: int
    month: int
    week: int
    day: int
    weekday: int
    day_of_year: int
    hour: int
    minute: int
    second: int
    millisecond: int


@category.node(
    'DatePart pure (date: DateTime!, timezone: String = "")'
    " -> (year: Integer, quarter: Integer, month: Integer, week: Integer, day: Integer,"
    " weekday: Integer, dayOfYear: Integer, hour: Integer, minute: Integer, second: Integer,"
    " millisecond: Integer)",
    checks={"timezone": checked_zone},
)
def date_part(date: datetime, timezone: str = "") -> DateParts:
    """Take a date apart; the week is that of ISO 8601, and weekday 1 is Monday."""
    seen = seen_in(date, zone_or(timezone, offset_of(date)))
    iso = seen.isocalendar()
    return DateParts(
        year=seen.year,
        quarter=(seen.month + 2) // 3,
        month=seen.month,
        week=iso.week,
        day=seen.day,
        weekday=iso.weekday,
        day_of_year=seen.timetuple().tm_yday,
        hour=seen.hour,
        minute=seen.minute,
        second=seen.second,
        millisecond=seen.microsecond // 1000,
    )


@category.node(
    "DateDifference pure (from: DateTime!, to: DateTime!,"
    ' unit: Enum(milliseconds|seconds|minutes|hours|days|weeks|months|years) = "days")'
    " -> (difference: Float)"
)
def date_difference(from_: datetime, to: datetime, unit: str = "days") -> Number:
    """Give the time from one date to another one; months and years are whole ones."""
    member(unit, _UNITS, "unit")
    if unit in _MONTHS:
        return _whole_months(from_, to, _MONTHS[unit])
    one = _EXACT[unit] if unit in _EXACT else _DAYS[unit] * _DAY
    return divide((instant(to) - instant(from_)) // _MICROSECOND, one // _MICROSECOND)


class Comparison(NamedTuple):
    """What CompareDates puts out."""

    before: bool
    same: bool
    after: bool


@category.node(
    "CompareDates pure (a: DateTime!, b: DateTime!)"
    " -> (before: Boolean, same: Boolean, after: Boolean)"
)
def compare_dates(a: datetime, b: datetime) -> Comparison:
    """Say whether a is before b, the same instant, or after it."""
    mine, other = instant(a), instant(b)
    return Comparison(mine < other, mine == other, mine > other)


class Period(NamedTuple):
    """What DatePeriod puts out."""

    start: datetime
    end: datetime


@category.node(
    "DatePeriod pure (date: DateTime!,"
    ' unit: Enum(minute|hour|day|week|month|quarter|year) = "day", timezone: String = "")'
    ' [weekStart: Enum(monday|sunday) = "monday"] -> (start: DateTime, end: DateTime)',
    checks={"timezone": checked_zone},
)
def date_period(
    date: datetime,
    unit: str = "day",
    timezone: str = "",
    week_start: Literal["monday", "sunday"] = "monday",
) -> Period:
    """Give the minute, hour, day ... in which a date lies; its end is the start of the next."""
    member(unit, (*_CLOCK, *_CALENDAR), "unit")
    where = zone_or(timezone, offset_of(date))
    with within_calendar():
        if unit in _CLOCK:
            seen = seen_in(date, where)
            start = seen - (instant(seen) + _ahead(seen)) % _CLOCK[unit]
            return Period(seen_in(start, where), seen_in(start + _CLOCK[unit], where))
        midnight = date.astimezone(where).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None
        )
        begins, ends = _CALENDAR[unit](midnight, week_start)
        return Period(at_wall(begins, where), at_wall(ends, where))


def _week(midnight: datetime, week_start: str) -> tuple[datetime, datetime]:
    begins = midnight - (midnight.isoweekday() - (week_start == "monday")) % 7 * _DAY
    return begins, begins + 7 * _DAY


def _months(count: int) -> Callable[[datetime, str], tuple[datetime, datetime]]:
    def period(midnight: datetime, _week_start: str) -> tuple[datetime, datetime]:
        begins = midnight.replace(day=1, month=(midnight.month - 1) // count * count + 1)
        return begins, _months_later(begins, count)

    return period


_CLOCK: Final = {"minute": _MINUTE, "hour": _HOUR}
_CALENDAR: Final[dict[str, Callable[[datetime, str], tuple[datetime, datetime]]]] = {
    "day": lambda midnight, _week_start: (midnight, midnight + _DAY),
    "week": _week,
    "month": _months(1),
    "quarter": _months(3),
    "year": _months(12),
}


def _ahead(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def _months_later(wall: datetime, months: int) -> datetime:
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))


def _whole_months(from_: datetime, to: datetime, months: int) -> int:
    if instant(from_) > instant(to):
        return -_whole_months(to, from_, months)
    with within_calendar():
        begins = fixed(from_).replace(tzinfo=None)
        ends = to.astimezone(offset_of(from_)).replace(tzinfo=None)
    count = (ends.year - begins.year) * 12 + ends.month - begins.month
    return (count - (_months_later(begins, count) > ends)) // months
