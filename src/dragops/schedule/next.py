"""When a rule fires next: robfig/cron v3's ``SpecSchedule.Next``, step by step.

Kubernetes' CronJob controller walks with that function, so ours takes the same steps, its slips at
clock changes included: a time that a spring day skips is skipped, one that an autumn day has twice
fires twice, and where clocks change by 30 minutes or at midnight a match of that day can be missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile

from dragops.schedule.field import Field

HORIZON_YEARS = 5
"""How far Kubernetes looks ahead."""
_LAST_YEAR = 9990
_WALK_ENDS = 9998
"""Python's calendar ends in 9999, and the walk looks ahead."""
_SECOND, _MINUTE, _HOUR, _DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
_WHOLE_MINUTES = Field(frozenset({0}))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule in its zone; ``text`` has five or six fields with one blank between them."""

    text: str
    zone: tzinfo
    second: Field
    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def has_seconds(self) -> bool:
        """Say whether the rule is written with six fields, seconds first."""
        return self.text.count(" ") == 5

    def next(self, after: datetime, *, years: int = HORIZON_YEARS) -> datetime | None:
        """Give the first time later than ``after``, in UTC; None if that many years hold none."""
        if after.tzinfo is None:
            raise ValueError("after needs a time zone")
        if after.year > _LAST_YEAR:
            return None
        return _Walk(self, after).end(years)

    def names(self, at: datetime) -> bool:
        """Say whether the rule fires at this very second, slips at clock changes included."""
        if at.microsecond or at.second not in self.second.values:
            return False
        if self.next(at - _SECOND) == at:
            return True
        # where clocks change at midnight, the walk can step from one day into the next
        before = at - 2 * _DAY
        if _offset(before, self.zone) == _offset(at, self.zone):
            return False
        minute, whole = at.replace(second=0), replace(self, second=_WHOLE_MINUTES)
        return minute in takewhile(minute.__ge__, times(whole, before))

    def has_day(self, local: datetime) -> bool:
        """Say whether the rule names this day: both fields if one is a star, else either."""
        by_day = local.day in self.day.values
        by_weekday = local.isoweekday() % 7 in self.weekday.values
        if self.day.is_star or self.weekday.is_star:
            return by_day and by_weekday
        return by_day or by_weekday


def next_times(
    schedule: Schedule, after: datetime, count: int, *, years: int = HORIZON_YEARS
) -> list[datetime]:
    """Give ``count`` times after ``after``, in order; fewer where so many years hold none."""
    return list(islice(times(schedule, after, years=years), count))


def times(schedule: Schedule, after: datetime, *, years: int = HORIZON_YEARS) -> Iterator[datetime]:
    """Give all times after ``after``, in order, until so many years hold none."""
    at = schedule.next(after, years=years)
    while at is not None:
        yield at
        at = schedule.next(at, years=years)


class _Walk:
    """The walk from one moment to the next match: month, day, hour, minute, second.

    Each step moves ``_at`` to a match of its field and says False when its unit wrapped around, so
    that the larger units have to be looked at again.
    """

    def __init__(self, rule: Schedule, after: datetime) -> None:
        self._rule = rule
        whole = after.astimezone(UTC).replace(microsecond=0)
        self._at = (whole + _SECOND).astimezone(rule.zone)
        self._has_moved = False

    def end(self, years: int) -> datetime | None:
        limit = min(self._at.year + years, _WALK_ENDS)
        while self._at.year <= limit:
            if (
                self._to_month()
                and self._to_day()
                and self._to_hour()
                and self._to_minute()
                and self._to_second()
            ):
                return self._at.astimezone(UTC)
        return None

    def _to_month(self) -> bool:
        while self._at.month not in self._rule.month.values:
            self._begin(day=1, hour=0)
            self._at = _local(_a_month_later(_wall(self._at)), self._rule.zone)
            if self._at.month == 1:
                return False
        return True

    def _to_day(self) -> bool:
        while not self._rule.has_day(self._at):
            self._begin(hour=0)
            self._at = self._next_midnight()
            if self._at.day == 1:
                return False
        return True

    def _next_midnight(self) -> datetime:
        at = _local(_wall(self._at) + _DAY, self._rule.zone)
        if at <= self._at:
            # Pacific/Apia has no 30 December 2011: robfig never comes out of here
            at = _plus(self._at, _DAY)
        if at.hour > 12:
            return _plus(at, (24 - at.hour) * _HOUR)
        return _plus(at, -at.hour * _HOUR)

    def _to_hour(self) -> bool:
        while self._at.hour not in self._rule.hour.values:
            self._begin(hour=self._at.hour)
            self._at = _plus(self._at, _HOUR)
            if self._at.hour == 0:
                return False
        return True

    def _to_minute(self) -> bool:
        while self._at.minute not in self._rule.minute.values:
            self._has_moved = True
            self._at = _plus(self._at, _MINUTE - self._at.second * _SECOND)
            if self._at.minute == 0:
                return False
        return True

    def _to_second(self) -> bool:
        if self._at.second in self._rule.second.values:
            return True
        self._has_moved = True
        later = (each for each in self._rule.second.values if each > self._at.second)
        wanted = min(later, default=60)
        self._at = _plus(self._at, (wanted - self._at.second) * _SECOND)
        return wanted < 60

    def _begin(self, *, hour: int, day: int | None = None) -> None:
        # only the first move goes back to the beginning of its unit
        if not self._has_moved:
            self._has_moved = True
            wall = _wall(self._at).replace(hour=hour, minute=0, second=0)
            self._at = _local(wall.replace(day=day or wall.day), self._rule.zone)


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None, fold=0)


def _a_month_later(wall: datetime) -> datetime:
    # Go's AddDate: 31 January + 1 month is 3 March (or 2)
    first = wall.replace(day=1)
    following = (first + 31 * _DAY).replace(day=1)
    return following + (wall.day - 1) * _DAY


def _plus(at: datetime, delta: timedelta) -> datetime:
    # Python adds to the wall clock; this adds real time
    return (at.astimezone(UTC) + delta).astimezone(at.tzinfo)


def _local(wall: datetime, zone: tzinfo) -> datetime:
    # Go's time.Date: the offset is guessed as if the wall clock were UTC, then corrected once
    unadjusted = wall.replace(tzinfo=UTC)
    guess = unadjusted - _offset(unadjusted, zone)
    return (unadjusted - _offset(guess, zone)).astimezone(zone)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
