"""What a deploy would do: triggers, fire times, and how the program would differ. Pure but slow."""

import difflib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from dragops.compiler.check import warnings_of
from dragops.errors import BadInput, Fault
from dragops.model.deployment import DeploymentSpec, DeploymentStatus, ScheduleSettings
from dragops.model.pattern import Pattern
from dragops.model.program import Program, Trigger
from dragops.model.run import iso
from dragops.schedule import Schedule, next_times, parse_schedule
from dragops_api.transitions import deployment_name

Object = dict[str, Any]
_TIMES = 5
_LINES_MAX = 20_000
"""A comparison of longer programs would take longer than anybody waits."""


class NextRuns(NamedTuple):
    """When a schedule would tick."""

    node_id: str
    cron_expression: str
    timezone: str
    next_runs: list[str]


class Preview(NamedTuple):
    """What a deploy would do."""

    deployment: str
    """Its name, also where it is still to be made."""
    version_number: int
    triggers: tuple[Trigger, ...]
    schedules: list[NextRuns]
    warnings: tuple[Fault, ...]
    diff: str | None
    """Unified; None when the live program cannot be read, or the two are too long to compare."""


def preview_of(
    pattern: Pattern,
    program: Program,
    *,
    live: Program | None,
    deployment: Object | None,
    now: datetime,
) -> Preview:
    """Compare a pattern's program with what is live in its deployment, if there is one."""
    status = DeploymentStatus.model_validate((deployment or {}).get("status", {}))
    number = max([status.version_number or 0, *(v.number for v in status.versions)]) + 1
    triggers = program.manifest.triggers
    settings = DeploymentSpec.model_validate(deployment["spec"]).schedules if deployment else ()
    is_readable = live is not None or status.program is None
    meant = deployment_name(pattern.metadata.name)
    return Preview(
        deployment=deployment["metadata"]["name"] if deployment else meant,
        version_number=number,
        triggers=triggers,
        schedules=list(_schedules(triggers, settings, now)),
        warnings=warnings_of(pattern.spec, program.manifest.declared()),
        diff=_diff(live, status.version_number, program, number) if is_readable else None,
    )


def _schedules(
    triggers: Iterable[Trigger], settings: Iterable[ScheduleSettings], now: datetime
) -> Iterator[NextRuns]:
    own = {each.node_id: each for each in settings}
    for trigger in triggers:
        if trigger.type == "OnSchedule":
            rule, zone, parsed = _rule(trigger, own.get(trigger.node_id))
            times = next_times(parsed, now, _TIMES)
            yield NextRuns(trigger.node_id, rule, zone, [iso(time) for time in times])


def _rule(trigger: Trigger, own: ScheduleSettings | None) -> tuple[str, str, Schedule]:
    """Give the rule of a node: the deployment's own where it has one that makes sense."""
    rule, zone = str(trigger.settings["schedule"]), str(trigger.settings["timezone"])
    if own is not None:
        asked = own.cron_expression or rule, own.timezone or zone
        try:
            return *asked, parse_schedule(*asked)
        except BadInput:
            pass  # the operator tells it in the conditions, and keeps to the node's
    return rule, zone, parse_schedule(rule, zone)


def _diff(live: Program | None, version: int | None, program: Program, number: int) -> str | None:
    old = live.text.splitlines() if live else []
    new = program.text.splitlines()
    if len(old) + len(new) > _LINES_MAX and old and old != new:
        return None
    names = (f"version {version}" if live else "/dev/null", f"version {number}")
    lines = difflib.unified_diff(old, new, *names, lineterm="")
    return "".join(f"{line}\n" for line in lines)
