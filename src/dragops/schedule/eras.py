"""Which rule was in force when, and so which ticks of a schedule count. No clock, no cluster.

A tick counts if the rule that was in force at its time names it, whoever brings it: the CronJob
controller makes Jobs late, and for times long past when a rule has just changed. Next:
``dragops.engine.due`` asks for a pod, the operator when it changes a CronJob.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from dragops.model import bundle
from dragops.schedule.next import Schedule, times
from dragops.schedule.parse import parse_schedule

_MINUTE = timedelta(minutes=1)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Era:
    """A rule and the time in which it was in force, its end not included."""

    rule: Schedule
    begins: datetime
    ends: datetime

    def names(self, at: datetime) -> bool:
        """Say whether the rule was in force then, and fires."""
        return self.begins <= at < self.ends and self.rule.names(at)

    def times(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Give the ticks of this era in [since, until), in order."""
        first, end = max(since, self.begins), min(until, self.ends)
        return takewhile(end.__gt__, times(self.rule, first - timedelta(microseconds=1)))


def eras_of(schedule: bundle.Schedule) -> tuple[Era, ...]:
    """Give all eras of a schedule, oldest first; the last one has no end."""
    past = (Era(_rule(each), moment(each.not_before), moment(each.until)) for each in schedule.past)
    return (*past, Era(_rule(schedule), moment(schedule.not_before), _END))


def is_due(schedule: bundle.Schedule, at: datetime) -> bool:
    """Say whether this is a tick that counts."""
    return any(era.names(at) for era in eras_of(schedule))


def due_between(schedule: bundle.Schedule, since: datetime, until: datetime) -> Iterator[datetime]:
    """Give the ticks that count in [since, until), in order."""
    for era in eras_of(schedule):
        yield from era.times(since, until)


def begins_at(rule: Schedule, now: datetime) -> datetime:
    """Say from when on a rule is in force that is set now.

    A rule with seconds begins with the next full minute, as its ticks come a minute at a time.
    """
    if not rule.has_seconds:
        return now
    minute = now.replace(second=0, microsecond=0)
    return minute if minute == now else minute + _MINUTE


def moment(text: str) -> datetime:
    """Read a time of the live bundle."""
    return datetime.fromisoformat(text)


def _rule(written: bundle.Rule) -> Schedule:
    return parse_schedule(written.cron_expression, written.timezone)
