"""Date/Time: the same instant elsewhere, as a number, and when a schedule would fire."""

from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from dragops.errors import BadInput, RunFailure
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import Number
from dragops.nodes.moments import (
    MILLISECOND,
    SECOND,
    checked_zone,
    from_unix,
    offset_of,
    seen_in,
    unix_unit,
    within_calendar,
    zone_or,
)
from dragops.nodes.values import instant
from dragops.schedule import next_times, read_rule

category = Category("Date/Time")

_UNITS: Final = {"seconds": SECOND, "milliseconds": MILLISECOND}
_TIMES_MAX: Final = 100
_YEARS: Final = 10


@category.node(
    "ConvertTimezone pure (date: DateTime!, timezone: String!) -> (result: DateTime)",
    checks={"timezone": checked_zone},
)
def convert_timezone(date: datetime, timezone: str) -> datetime:
    """Give the same instant by the clocks of another time zone."""
    return seen_in(date, zone_or(timezone, offset_of(date)))


@category.node(
    "ToUnixTime pure (date: DateTime!)"
    ' [unit: Enum(seconds|milliseconds) = "seconds"] -> (value: Integer)'
)
def to_unix_time(date: datetime, unit: Literal["seconds", "milliseconds"] = "seconds") -> int:
    """Count seconds or milliseconds since 1970, rounded down."""
    return instant(date) // _UNITS[unit]


@category.node(
    "FromUnixTime pure (value: Float!)"
    ' [unit: Enum(auto|seconds|milliseconds) = "auto"] -> (date: DateTime)'
)
def from_unix_time(
    value: Number, unit: Literal["auto", "seconds", "milliseconds"] = "auto"
) -> datetime:
    """Give the moment so many seconds after the begin of 1970; large numbers are milliseconds."""
    with within_calendar():
        return from_unix(value, _UNITS.get(unit) or unix_unit(value))


class CronTimes(NamedTuple):
    """What NextCronTime puts out."""

    next_: datetime | None
    times: list[datetime]


def _expression(value: str) -> str:
    try:
        read_rule(value, UTC)
    except BadInput as exc:
        raise ValueError(str(exc)) from exc
    return value


def _count(value: int) -> int:
    if not 1 <= value <= _TIMES_MAX:
        raise ValueError(f"use 1 to {_TIMES_MAX}")
    return value


@category.node(
    'NextCronTime pure (expression: String!, after: DateTime?, timezone: String = "UTC")'
    " [count: Integer = 1] -> (next: DateTime?, times: Array)",
    checks={"expression": _expression, "timezone": checked_zone, "count": _count},
)
def next_cron_time(
    ctx: Context,
    expression: str,
    after: datetime | None = None,
    timezone: str = "UTC",
    count: int = 1,
) -> CronTimes:
    """Tell when a cron expression fires next, as On Schedule reads it; null if it never does."""
    since = after or ctx.now()
    where = zone_or(timezone, offset_of(since))
    try:
        rule = read_rule(expression, where)
    except BadInput as exc:
        raise RunFailure("ParseError", f"bad cron expression: {exc}") from exc
    with within_calendar():
        times = [seen_in(at, where) for at in next_times(rule, since, count, years=_YEARS)]
    return CronTimes(times[0] if times else None, times)
