"""What was seen of one deployment before deciding, and what was decided."""

from dataclasses import dataclass

from dragops.model.bundle import Live
from dragops.model.deployment import DeploymentStatus, PatternDeployment
from dragops.model.endpoints import EndpointKeys
from dragops.model.environment import Environment
from dragops.model.pattern import Pattern
from dragops.model.program import Manifest
from dragops_operator.resources.owned import Object


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A program ConfigMap, known by its metadata alone."""

    name: str
    version: int
    digest: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that a plan for one deployment may look at."""

    deployment: PatternDeployment
    pattern: Pattern | None
    live: Live | None
    """What the live ConfigMap says, if it is there and signed by us."""
    manifest: Manifest | None
    """The manifest of a pinned version that is not live yet; else the live program's, read only
    when live ConfigMap or status do not tell enough."""
    programs: tuple[StoredProgram, ...]
    endpoints: dict[str, EndpointKeys]
    """What the Secret holds, by node id."""
    minted: dict[str, EndpointKeys]
    """Fresh ids and a fresh secret for each node that may need some: chance is passed in."""
    confirmed_serial: int
    """What every ready engine has obeyed; 0 when none is ready."""
    now: str
    is_secret_seen: bool = True
    """False where only the copies were looked at, which hold no Secret."""
    environment: Environment | None = None
    """The Environment that the deployment names, if it is there."""
    children: tuple[Object, ...] = ()
    """The children that are there: ConfigMaps without data, Services, CronJobs, the Secret."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, in this order: programs, other children, status; then what to delete."""

    status: DeploymentStatus
    creates: tuple[Object, ...] = ()
    applies: tuple[Object, ...] = ()
    orphans: tuple[Object, ...] = ()
    """CronJobs without a node any more; their Jobs go on."""
    deletes: tuple[str, ...] = ()
    """Names of program ConfigMaps that are too old to keep."""
    waits: bool = False
    """Engines have not obeyed yet: ask again soon."""
    obeyed: DeploymentStatus | None = None
    """The status once they have; None when that changes nothing."""
    again_in_seconds: float | None = None
    """After which something is to be written that has to wait."""

    @property
    def writes(self) -> bool:
        """Say whether anything besides status is to be written."""
        return any((self.creates, self.applies, self.orphans, self.deletes))
