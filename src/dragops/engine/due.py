"""What a schedule's pod owes: which ticks it stands for, whether they count, under which ids.

Pure decisions; ``dragops.engine.ticker`` carries them out.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dragops.model.bundle import Live, Schedule
from dragops.model.deployment import MISSED_WINDOW_SECONDS, MissedRuns, Overlap
from dragops.model.ids import RunId, new_run_id
from dragops.model.run import TriggeredBy, iso
from dragops.schedule.eras import due_between, eras_of, is_due, moment
from dragops.schedule.jobs import has_seconds

_JOB_NAME = re.compile(r".+-(?P<minute>[0-9]{8})")
"""``<cronjob>-<minutes since 1970>``: how the CronJob controller names its Jobs, until 2160."""
_NEAR = timedelta(hours=49)
"""A missed tick may be a day late, and its Job's pods a day later still."""
_MINUTE = timedelta(minutes=1)
_NONE_SECONDS = 60
"""What is missed after this is not made up for at all; the CronJob has the same bound."""
_OWN_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Job:
    """A Job of a schedule, or one that somebody made by hand: that has no minute."""

    mark: str
    """Stands for the Job, and for none made after it under the same name."""
    minute: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """One tick of a schedule; a Job made by hand has no scheduled time."""

    job: str
    scheduled_at: datetime | None

    @property
    def key(self) -> str:
        """Give the idempotency key: a tick counts once, however many Jobs are made for it."""
        return iso(self.scheduled_at) if self.scheduled_at else f"job:{self.job}"

    @property
    def triggered_by(self) -> TriggeredBy:
        """Say what started the run."""
        return TriggeredBy.SCHEDULE if self.scheduled_at else TriggeredBy.MANUAL

    def event(self, now: datetime) -> dict[str, datetime]:
        """Give the event of the run; a Job made by hand has no ``scheduledAt``."""
        begun = {"timestamp": now}
        return begun | {"scheduledAt": self.scheduled_at} if self.scheduled_at else begun


def job_of(name: str, *, uid: str, now: datetime) -> Job:
    """Read a Job's name; a number that is no minute of these days is part of a free name."""
    match = _JOB_NAME.fullmatch(name)
    at = datetime.fromtimestamp(int(match["minute"]) * 60, UTC) if match else None
    is_tick = at is not None and abs(now - at) <= _NEAR
    return Job(uid or name, at if is_tick else None)


def owed_by(live: Live, node_id: str, job: Job) -> tuple[Due, ...]:
    """Give what a Job stands for, in order: itself, or each second of its minute."""
    schedule = schedule_of(live, node_id)
    if job.minute is None or schedule is None:
        return (Due(job.mark, job.minute),)
    times = sorted(set(_candidates(schedule, job.minute))) or [job.minute]
    return tuple(Due(job.mark, at) for at in times)


def missed_before(live: Live, node_id: str, job: Job, now: datetime) -> tuple[Due, ...]:
    """Give the ticks of the window before a Job's minute, where each missed one shall run."""
    schedule = schedule_of(live, node_id)
    if job.minute is None or schedule is None or schedule.missed_runs is not MissedRuns.ALL:
        return ()
    since = now - timedelta(seconds=schedule.missed_window_seconds)
    return tuple(Due(job.mark, at) for at in due_between(schedule, since, job.minute))


def is_exclusive(schedule: Schedule) -> bool:
    """Say whether a tick has to be claimed, as runs must not overlap.

    The CronJob controller itself keeps Forbid between minutes. Replace it keeps too, but leaves the
    run of the pod that it stops without an end.
    """
    forbids = schedule.overlap is Overlap.FORBID and has_seconds(schedule)
    return forbids or schedule.overlap is Overlap.REPLACE


def reason_to_skip(live: Live, node_id: str, due: Due) -> str | None:
    """Say why this tick does not count, or None."""
    schedule = schedule_of(live, node_id)
    if live.state != "active" or live.program is None:
        return f"The deployment is {live.state}"
    if schedule is None:
        return f"The live version has no schedule at node {node_id}"
    if due.scheduled_at is None or is_due(schedule, due.scheduled_at):
        return None
    since = moment(schedule.not_before)
    if due.scheduled_at < since:
        return f"The tick fell due before {iso(since)}, when this schedule began or resumed"
    return f"The rule {schedule.cron_expression} does not name this time"


def window_of(live: Live, node_id: str) -> timedelta:
    """Say how long after its scheduled time a tick may still begin."""
    schedule = schedule_of(live, node_id)
    if schedule is None:
        return timedelta(seconds=MISSED_WINDOW_SECONDS)
    none = schedule.missed_runs is MissedRuns.NONE
    return timedelta(seconds=_NONE_SECONDS if none else schedule.missed_window_seconds)


def seconds_left(live: Live, node_id: str, due: Due, now: datetime) -> float:
    """Say how long a tick may still begin; below nothing when it is too late."""
    late = now - due.scheduled_at if due.scheduled_at else timedelta(0)
    return (window_of(live, node_id) - late).total_seconds()


def schedule_of(live: Live, node_id: str) -> Schedule | None:
    """Find a node's schedule."""
    return next((each for each in live.schedules if each.node_id == node_id), None)


def own_run_id(live: Live, node_id: str, due: Due) -> RunId:
    """Make a run id whose last digits are the Job's own, whichever of its pods makes it."""
    place = "\0".join((live.uid, node_id, due.key, due.job))
    own = hashlib.sha256(place.encode()).hexdigest()[:_OWN_DIGITS]
    return RunId(new_run_id()[:-_OWN_DIGITS] + own)


def is_of_same_job(first: RunId, second: RunId) -> bool:
    """Say whether two run ids were made by pods of one Job for one tick."""
    return first[-_OWN_DIGITS:] == second[-_OWN_DIGITS:]


def _candidates(schedule: Schedule, minute: datetime) -> Iterator[datetime]:
    """Give the seconds that the rules of this minute name; before all rules, the present one's."""
    every = eras_of(schedule)
    here = [era for era in every if era.begins < minute + _MINUTE and era.ends > minute]
    for era in here or every[-1:]:
        for second in era.rule.second.values:
            at = minute + timedelta(seconds=second)
            if not here or era.begins <= at < era.ends:
                yield at
