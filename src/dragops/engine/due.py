"""What a schedule's pod owes: which tick it stands for, whether that still counts, under which id.

Pure decisions; ``dragops.engine.tick`` carries them out.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dragops.model.bundle import Live
from dragops.model.ids import RunId, new_run_id
from dragops.model.run import TriggeredBy, iso

_JOB_NAME = re.compile(r".+-(?P<minute>[0-9]{8})")
"""``<cronjob>-<minutes since 1970>``: how the CronJob controller names its Jobs, until 2160."""
_NEAR = timedelta(days=1)
_OWN_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Due:
    """One tick of a schedule, or a Job that somebody made by hand: that has no scheduled time."""

    job: str
    """Stands for the Job, and for none made after it under the same name."""
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


def due_of(job_name: str, *, job_uid: str, now: datetime) -> Due:
    """Read a Job's name; a number that is no minute of these days is part of a free name."""
    match = _JOB_NAME.fullmatch(job_name)
    at = datetime.fromtimestamp(int(match["minute"]) * 60, UTC) if match else None
    is_tick = at is not None and abs(now - at) <= _NEAR
    return Due(job_uid or job_name, at if is_tick else None)


def reason_to_skip(live: Live, node_id: str, due: Due) -> str | None:
    """Say why this tick does not count, or None."""
    schedule = next((each for each in live.schedules if each.node_id == node_id), None)
    if live.state != "active" or live.program is None:
        return f"The deployment is {live.state}"
    if schedule is None:
        return f"The live version has no schedule at node {node_id}"
    not_before = datetime.fromisoformat(schedule.not_before)
    if due.scheduled_at and due.scheduled_at < not_before:
        return f"The tick fell due before {iso(not_before)}, when this schedule began or resumed"
    return None


def own_run_id(live: Live, node_id: str, due: Due) -> RunId:
    """Make a run id whose last digits are the Job's own, whichever of its pods makes it."""
    place = "\0".join((live.uid, node_id, due.key, due.job))
    own = hashlib.sha256(place.encode()).hexdigest()[:_OWN_DIGITS]
    return RunId(new_run_id()[:-_OWN_DIGITS] + own)


def is_of_same_job(first: RunId, second: RunId) -> bool:
    """Say whether two run ids were made by pods of one Job for one tick."""
    return first[-_OWN_DIGITS:] == second[-_OWN_DIGITS:]
