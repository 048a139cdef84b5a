"""Which tick of each schedule should have left a run by now: a decision, no I/O.

A schedule whose newest such tick has left none is silent.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dragops.errors import BadInput
from dragops.history.soundness import Tick
from dragops.model.deployment import Overlap
from dragops.model.run import iso
from dragops.schedule import Schedule, parse_schedule
from dragops_api.transitions import status_word

Object = dict[str, Any]
GRACE = timedelta(minutes=5)
"""A pod has to be started first; what is later than this is worth a look."""
_LOOKS = [
    timedelta(minutes=1),
    timedelta(minutes=20),
    timedelta(hours=6),
    timedelta(days=5),
    timedelta(days=100),
    timedelta(days=1500),
]
"""How far back to look, in steps: a rule that fires each second must not be walked for years."""


def expected_ticks(deployments: Iterable[Object], now: datetime) -> list[Tick]:
    """Give the newest tick of each active schedule that fell due a while ago, if there is one.

    What fell due before the rule began, or before the deployment went on, is not counted.
    """
    limit = (now - GRACE).replace(second=0, microsecond=0)
    return [tick for deployment in deployments for tick in _ticks(deployment, limit)]


def held_back(deployments: Iterable[Object]) -> set[tuple[str, str]]:
    """Give, as uid and node, the schedules that leave a tick out while a run of theirs goes on."""
    return {
        (deployment["metadata"]["uid"], schedule["nodeId"])
        for deployment in deployments
        for schedule in deployment["spec"].get("schedules", ())
        if schedule.get("overlap") == Overlap.FORBID
    }


def _ticks(deployment: Object, limit: datetime) -> Iterator[Tick]:
    status, uid = deployment.get("status", {}), deployment["metadata"]["uid"]
    if status_word(deployment) != "active":
        return
    for schedule in status.get("schedules", ()):
        due = _newest(schedule["cronExpression"], schedule["timezone"], limit)
        since = schedule.get("since") or status.get("confirmedAt")
        if due is not None and since and due > datetime.fromisoformat(since):
            yield Tick(uid, schedule["nodeId"], iso(due))


@lru_cache(maxsize=4096)
def _newest(rule: str, zone: str, limit: datetime) -> datetime | None:
    try:
        schedule = parse_schedule(rule, zone)
    except BadInput:
        return None  # of a newer operator, which knows more rules
    found = (_last_within(schedule, limit, look) for look in _LOOKS)
    return next((due for due in found if due is not None), None)


def _last_within(schedule: Schedule, limit: datetime, look: timedelta) -> datetime | None:
    last, due = None, schedule.next(limit - look)
    while due is not None and due <= limit:
        last, due = due, schedule.next(due)
    return last
