"""A schedule that a REST caller changes: what is wrong with it, which node it is for, what comes.

Decisions, no I/O. The change goes to ``spec.schedules``; the operator makes it live.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from dragops.errors import BadInput
from dragops.model.condition import Condition
from dragops.model.deployment import PatternDeployment
from dragops.model.run import iso
from dragops.schedule import Schedule, next_times, parse_schedule
from dragops_api.errors import NotPossible
from dragops_api.schemas.schedules import ScheduleIn
from dragops_api.transitions import Edit, Question, has_obeyed

Object = dict[str, Any]
_NEXT_RUNS = 5


def checked(wanted: ScheduleIn) -> Schedule:
    """Read the rule; raise BadInput that names the body's field, and in it the rule's."""
    try:
        return parse_schedule(wanted.cron_expression, wanted.timezone)
    except BadInput as exc:
        if exc.path == "timezone":
            raise BadInput("body.timezone", exc.message) from exc
        told = exc.message if exc.path == "schedule" else str(exc)
        raise BadInput("body.cronExpression", told) from exc


def reschedule(wanted: ScheduleIn) -> Edit:
    """Put a rule in place of the one that a node has; its other settings stay."""

    def edit(deployment: Object) -> None:
        node = meant_node(deployment, wanted.node_id)
        settings: list[Object] = deployment["spec"].setdefault("schedules", [])
        mine = next((each for each in settings if each["nodeId"] == node), None)
        if mine is None:
            mine = {"nodeId": node}
            settings.append(mine)
        mine |= {"cronExpression": wanted.cron_expression, "timezone": wanted.timezone}

    return edit


def meant_node(deployment: Object, node_id: str | None) -> str:
    """Give the On Schedule node that is meant: the one that is named, or the only one."""
    nodes = list(_schedule_nodes(deployment))
    if not nodes:
        raise NotPossible("NO_SCHEDULE", "The deployment does not have a schedule trigger")
    listed = ", ".join(nodes)
    if node_id is None and len(nodes) > 1:
        raise BadInput("body.nodeId", f"there are several On Schedule nodes: name one of {listed}")
    if node_id is not None and node_id not in nodes:
        raise BadInput("body.nodeId", f"{node_id!r} is no On Schedule node here: name {listed}")
    return node_id or nodes[0]


def has_followed(generation: int) -> Question:
    """Build the question whether engines and CronJobs do what this generation asks for."""
    obeyed = has_obeyed(generation)

    def question(deployment: Object) -> bool:
        conditions = PatternDeployment.of(deployment).status.conditions
        return obeyed(deployment) and any(_is_quiet(each, generation) for each in conditions)

    return question


def next_runs(rule: Schedule, deployment: Object, node: str, now: datetime) -> list[str]:
    """Give the next times of a rule; they come while the deployment is active."""
    since = _since(deployment, node)
    after = max(now, since - timedelta(microseconds=1)) if since else now
    return [iso(at) for at in next_times(rule, after, _NEXT_RUNS)]


def _is_quiet(condition: Condition, generation: int) -> bool:
    return (
        condition.type == "Reconciling"
        and condition.status == "False"
        and condition.observed_generation >= generation
    )


def _schedule_nodes(deployment: Object) -> Iterator[str]:
    for trigger in deployment.get("status", {}).get("triggers", ()):
        if trigger["type"] == "OnSchedule":
            yield str(trigger["nodeId"])


def _since(deployment: Object, node: str) -> datetime | None:
    """Say since when the node's rule is in force; a rule with seconds begins a little later."""
    for schedule in PatternDeployment.of(deployment).status.schedules:
        if schedule.node_id == node and schedule.since:
            return datetime.fromisoformat(schedule.since)
    return None
