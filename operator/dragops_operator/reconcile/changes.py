"""What happened to a deployment, for people: the difference between two statuses. Pure."""

from collections.abc import Iterator

from dragops.model.condition import Condition
from dragops.model.deployment import DeploymentStatus
from dragops_operator.resources.event import Told


def news_between(old: DeploymentStatus, new: DeploymentStatus) -> Iterator[Told]:
    """Tell what a new status means, each thing once."""
    if new.version_number is not None and new.version_number != old.version_number:
        yield _switched(new)
    failed = _failed(new)
    if failed and failed != _failed(old):
        about = f"{new.attempted_source} {new.release}"
        yield Told("Warning", "CompileFailed", failed.message[:1000], about)
    if (trip := _tripped(new)) and not _tripped(old):
        yield Told("Warning", "Tripped", trip.message, str(new.serial))
    elif old.state == "active" and new.state == "paused":
        yield Told("Normal", "Paused", "webhooks and schedules rest", str(new.serial))
    if old.state == "paused" and new.state == "active":
        yield Told("Normal", "Resumed", "webhooks and schedules run again", str(new.serial))


def _switched(status: DeploymentStatus) -> Told:
    number = status.version_number
    if any((c.type, c.reason) == ("Compiled", "Pinned") for c in status.conditions):
        # the same version may be pinned again later
        about = f"{number} {status.serial}"
        return Told("Normal", "RolledBack", f"version {number} is pinned and live", about)
    return Told("Normal", "Compiled", f"version {number} has compiled and is live", str(number))


def _tripped(status: DeploymentStatus) -> Condition | None:
    return next((c for c in status.conditions if (c.type, c.reason) == ("Ready", "Tripped")), None)


def _failed(status: DeploymentStatus) -> Condition | None:
    return next(
        (c for c in status.conditions if (c.type, c.reason) == ("Compiled", "PatternInvalid")), None
    )
