"""The system in a few numbers, and who is asking."""

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


class ProvidersOut(Shape):
    """How one can log in; here by tokens of Kubernetes only."""

    local: bool
    github: bool


class CallerOut(Shape):
    """Who the token belongs to, and where calls without a workspace header act."""

    username: str
    groups: list[str]
    workspace: str


class ProbeOut(Shape):
    """A probe's answer."""

    status: Literal["ok"]
