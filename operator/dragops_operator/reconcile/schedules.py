"""Which rule each schedule follows: the pattern's own, or what ``spec.schedules`` says. Pure.

A setting that is wrong changes nothing: what is live goes on, and ``faults_in`` tells why.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dragops.errors import BadInput
from dragops.model.bundle import PastRule, Rule, Schedule
from dragops.model.deployment import (
    MISSED_WINDOW_SECONDS,
    MISSED_WINDOW_SECONDS_MAX,
    ScheduleSettings,
)
from dragops.model.program import Trigger
from dragops.model.run import iso
from dragops.schedule.eras import begins_at, due_between, moment
from dragops.schedule.parse import parse_schedule
from dragops_operator.reconcile.breaker import state_after
from dragops_operator.reconcile.observed import Observed
from dragops_operator.resources.owned import Object

_PAST_KEPT = 8
_PAST_SECONDS = MISSED_WINDOW_SECONDS_MAX
_HOLD_SECONDS = 30.0
"""How long a CronJob may keep its old rule for a tick of it that is due and not made yet."""
_MINUTE = timedelta(minutes=1)


def schedules_after(observed: Observed, triggers: Iterable[Trigger] | None) -> tuple[Schedule, ...]:
    """Give the schedules that should be live; ``triggers`` None: the live version's nodes."""
    old = {each.node_id: each for each in observed.live.schedules} if observed.live else {}
    if triggers is None:
        written = {node: each.written or _rule_of(each) for node, each in old.items()}
    else:
        ticks = [trigger for trigger in triggers if trigger.type == "OnSchedule"]
        written = {tick.node_id: _rule(tick) for tick in ticks}
    settings = {each.node_id: each for each in observed.deployment.spec.schedules}
    goes_on = _goes_on(observed)
    return tuple(
        _begun(
            _wanted(node, rule, settings.get(node), old.get(node)),
            old.get(node) if goes_on else None,
            moment(observed.now),
        )
        for node, rule in sorted(written.items())
    )


def faults_in(settings: Iterable[ScheduleSettings], schedules: Iterable[Schedule]) -> list[str]:
    """Say what is wrong with settings of schedules that are there."""
    live = {each.node_id: each.written or _rule_of(each) for each in schedules}
    return [
        f"spec.schedules of node {each.node_id}: {fault}"
        for each in settings
        if each.node_id in live and (fault := _fault(live[each.node_id], each))
    ]


def held_seconds(
    there: Object | None, wanted: Object, schedule: Schedule, now: str
) -> float | None:
    """Give the seconds for which a CronJob must keep its old rule; None to change it now.

    The controller makes a tick's Job a moment after it fell due. A rule that changes in between
    would take that tick away.
    """
    if there is None or not _changes_rule(there, wanted) or there["spec"].get("suspend"):
        return None
    at, status = moment(now), there.get("status") or {}
    made = moment(status.get("lastScheduleTime") or there["metadata"]["creationTimestamp"])
    until = min(moment(schedule.not_before), at + timedelta(microseconds=1))
    since = at - _MINUTE - timedelta(seconds=_HOLD_SECONDS)
    minutes = {each.replace(second=0) for each in due_between(schedule, since, until)}
    left = [_HOLD_SECONDS - (at - minute).total_seconds() for minute in minutes if minute > made]
    return max((seconds for seconds in left if seconds > 0), default=None)


def _changes_rule(there: Object, wanted: Object) -> bool:
    return any(there["spec"].get(k) != wanted["spec"][k] for k in ("schedule", "timeZone"))


def _goes_on(observed: Observed) -> bool:
    """Say whether what is live was not resumed just now: a pause's ticks must not fire."""
    is_active = state_after(observed) == "active"
    return observed.live is not None and (observed.live.state == "active" or not is_active)


def _wanted(
    node: str, written: Rule, settings: ScheduleSettings | None, before: Schedule | None
) -> Schedule:
    """Give a schedule as it is asked for, or as it was where that is wrong; it begins later."""
    if settings is None or (_fault(written, settings) and before is None):
        own = written.as_json()
        return Schedule.model_validate(own | {"nodeId": node, "notBefore": "", "written": own})
    if _fault(written, settings) and before is not None:
        return before.model_copy(update={"written": written})
    rule = _overridden(written, settings)
    return Schedule(
        node_id=node,
        cron_expression=rule.cron_expression,
        timezone=rule.timezone,
        not_before="",
        written=written,
        overlap=settings.overlap,
        missed_runs=settings.missed_runs,
        missed_window_seconds=settings.missed_window_seconds or MISSED_WINDOW_SECONDS,
    )


def _overridden(written: Rule, settings: ScheduleSettings) -> Rule:
    return Rule(
        cron_expression=settings.cron_expression or written.cron_expression,
        timezone=settings.timezone or written.timezone,
    )


def _fault(written: Rule, settings: ScheduleSettings) -> str:
    rule = _overridden(written, settings)
    try:
        parse_schedule(rule.cron_expression, rule.timezone)
    except BadInput as exc:
        return str(exc)
    return ""


def _begun(wanted: Schedule, before: Schedule | None, now: datetime) -> Schedule:
    """Say since when a schedule's rule is in force, and which rules were before it."""
    if before is not None and _rule_of(before) == _rule_of(wanted):
        kept = {"not_before": before.not_before, "past": before.past}
        return wanted.model_copy(update=kept)
    rule = parse_schedule(wanted.cron_expression, wanted.timezone)
    since = begins_at(rule, now)
    past = _past(before, since, now) if before else ()
    return wanted.model_copy(update={"not_before": iso(since), "past": past})


def _past(before: Schedule, since: datetime, now: datetime) -> tuple[PastRule, ...]:
    last = PastRule(
        cron_expression=before.cron_expression,
        timezone=before.timezone,
        not_before=before.not_before,
        until=iso(since),
    )
    oldest = now - timedelta(seconds=_PAST_SECONDS)
    eras = [
        era.model_copy(update={"until": min(era.until, iso(since), key=moment)})
        for era in (*before.past, last)
    ]
    kept = [
        era
        for era in eras
        if moment(era.not_before) < moment(era.until) and moment(era.until) > oldest
    ]
    return tuple(kept[-_PAST_KEPT:])


def _rule(tick: Trigger) -> Rule:
    return Rule(
        cron_expression=str(tick.settings["schedule"]), timezone=str(tick.settings["timezone"])
    )


def _rule_of(schedule: Schedule) -> Rule:
    return Rule(cron_expression=schedule.cron_expression, timezone=schedule.timezone)
