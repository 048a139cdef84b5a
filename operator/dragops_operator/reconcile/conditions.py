"""A deployment's conditions: small facts in, metav1 conditions out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dragops.errors import Fault
from dragops.model.condition import Condition, Status

BAD_SCHEDULE = "BadSchedule"
_FAULTS_SHOWN = 50


class Waiting(NamedTuple):
    """What somebody else has to do first."""

    reason: str
    message: str


def condition(type_: str, *, status: Status, reason: str, message: str = "") -> Condition:
    """Build one condition; its times and generation are stamped later."""
    return Condition(type=type_, status=status, reason=reason, message=message)


def outside_workspace(namespace: str) -> list[Condition]:
    """Say that nothing is done in this namespace, and which value of the chart changes it."""
    message = (
        f"namespace {namespace!r} is not a workspace: add it to the Helm value 'workspaces' "
        "and upgrade the release"
    )
    return [
        condition("Ready", status="False", reason="NotAWorkspace", message=message),
        condition("Stalled", status="True", reason="NotAWorkspace", message=message),
    ]


def compiled(faults: Iterable[Fault] | None, *, is_missing: bool, is_lost: bool) -> Condition:
    """Say whether what is wanted compiles; ``faults`` is None when nothing was ever compiled."""
    if is_lost:
        message = "the live program's ConfigMap is gone, its pattern has changed: release it"
        return condition("Compiled", status="False", reason="ProgramLost", message=message)
    if faults is None:
        return condition("Compiled", status="Unknown", reason="NotAttempted")
    if listed := list(faults):
        return condition("Compiled", status="False", reason="PatternInvalid", message=told(listed))
    if is_missing:
        message = "the pattern is gone; its live version goes on running"
        return condition("Compiled", status="True", reason="PatternMissing", message=message)
    return condition("Compiled", status="True", reason="Compiled")


def pinned(version: int, kept: Iterable[int], *, is_gone: bool) -> Condition:
    """Say that a version is pinned, or that it cannot be, as it is not kept."""
    if not is_gone:
        message = f"version {version} is pinned: changes wait until spec.version is taken away"
        return condition("Compiled", status="True", reason="Pinned", message=message)
    listed = ", ".join(map(str, kept)) or "none"
    message = (
        f"version {version} is not kept (kept: {listed}): "
        "set spec.version to one that is, or take it away"
    )
    return condition("Compiled", status="False", reason="VersionGone", message=message)


def told(faults: list[Fault]) -> str:
    """Tell every fault, a line each, as long as anybody would read."""
    lines = [f"{fault.code}: {fault.message}" for fault in faults[:_FAULTS_SHOWN]]
    if len(faults) > _FAULTS_SHOWN:
        lines.append(f"and {len(faults) - _FAULTS_SHOWN} more")
    return "\n".join(lines)[:32_000]


def registered(*, is_registered: bool, serial: int) -> Condition:
    """Say whether every ready engine obeys what is live."""
    if is_registered:
        return condition("Registered", status="True", reason="Confirmed")
    message = f"waiting for an engine that has loaded serial {serial}"
    return condition("Registered", status="False", reason="WaitingForEngines", message=message)


def scheduled(faults: Sequence[str], *, is_active: bool, is_held: bool) -> Condition:
    """Say whether the CronJobs follow what is asked for, ticking or suspended."""
    if faults:
        message = "\n".join(faults)[:32_000]
        return condition("Scheduled", status="False", reason=BAD_SCHEDULE, message=message)
    if is_held:
        message = "a tick of the old rule is just being made; then the new rule follows"
        return condition("Scheduled", status="False", reason="TickUnderWay", message=message)
    reason = "CronJobsApplied" if is_active else "Suspended"
    return condition("Scheduled", status="True", reason=reason)


def summary(
    parts: list[Condition], waiting: Waiting | None = None, tripped: Waiting | None = None
) -> list[Condition]:
    """Add Ready, Reconciling and Stalled as they follow from the other conditions.

    ``tripped`` says that the circuit breaker has paused what should run.
    """
    wrong = next((c for c in parts if _is_broken(c)), None)
    broken = Waiting(wrong.reason, wrong.message) if wrong else tripped
    pending = next((c for c in parts if c.status != "True" and not _is_broken(c)), None)
    if broken:
        ready = condition("Ready", status="False", reason=broken.reason, message=broken.message)
    elif told := waiting or (pending and Waiting(pending.reason, pending.message)):
        ready = condition("Ready", status="False", reason=told.reason, message=told.message)
    else:
        ready = condition("Ready", status="True", reason="AsWanted")
    stalled = condition("Stalled", status="True" if broken else "False", reason=ready.reason)
    going = condition(
        "Reconciling", status="True" if (pending or waiting) else "False", reason=ready.reason
    )
    return [*parts, ready, going, stalled]


def _is_broken(part: Condition) -> bool:
    """Say whether only a change of the spec, or of the pattern, can help."""
    return part.status == "False" and (part.type == "Compiled" or part.reason == BAD_SCHEDULE)
