"""The system in a few numbers, and whether it is there."""

from typing import Literal

from dragops.model.schema import Shape


class DeploymentCounts(Shape):
    """Deployments by state."""

    active: int
    paused: int
    failed: int


class HealthOut(Shape):
    """The health summary of the reference."""

    deployments: DeploymentCounts
    runs_last_hour: int
    failures_last_hour: int
    error_rate: float
    engine_status: Literal["connected", "degraded", "disconnected"]


class ProbeOut(Shape):
    """A probe's answer."""

    status: Literal["ok"]
