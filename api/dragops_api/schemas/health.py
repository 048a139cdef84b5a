"""The system in a few numbers, and whether it is there."""

from typing import Literal

from pydantic import Field

from dragops.model.schema import Shape


class DeploymentCounts(Shape):
    """Deployments by state."""

    active: int
    paused: int
    failed: int


class HealthOut(Shape):
    """The health summary of the reference, and what is silent or stuck."""

    deployments: DeploymentCounts
    runs_last_hour: int
    failures_last_hour: int
    error_rate: float
    engine_status: Literal["connected", "degraded", "disconnected"] = Field(
        description="Whether each workspace with active deployments has a ready engine."
    )
    silent_schedules: int = Field(
        description="Schedules whose newest tick, due five minutes ago or more, has left no run."
    )
    dead_letters: int = Field(description="Runs that were given up.")
    oldest_unfinished_seconds: int | None = Field(
        description="Age of the oldest run that waits or runs; null when there is none."
    )


class ProbeOut(Shape):
    """A probe's answer."""

    status: Literal["ok"]
