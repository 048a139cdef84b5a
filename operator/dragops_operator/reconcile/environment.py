"""The verdict on one Environment, and what of it a deployment's bundle gets. Pure."""

from dataclasses import dataclass

from dragops.model.bundle import ENVIRONMENT_LABEL, LiveEnvironment
from dragops.model.condition import Condition, set_conditions
from dragops.model.deployment import State
from dragops.model.environment import Environment, EnvironmentStatus
from dragops_operator.reconcile import conditions
from dragops_operator.reconcile.conditions import condition
from dragops_operator.reconcile.observed import Observed

_NAMES_KEPT = 1000


@dataclass(frozen=True, slots=True)
class SecretSeen:
    """A Secret, without its values."""

    version: str
    names: tuple[str, ...]
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A deployment's Environment: what engines are told of it, and what people are."""

    live: LiveEnvironment | None = None
    condition: Condition | None = None
    """None where no Environment is asked for."""

    @property
    def is_wanting(self) -> bool:
        """Say whether something is asked for that is not there."""
        return self.condition is not None and self.condition.status != "True"


def plan_environment(
    environment: Environment, secret: SecretSeen | None, *, is_workspace: bool, now: str
) -> EnvironmentStatus:
    """Give the status that an Environment should have; ``secret`` is the one that it names."""
    metadata, old = environment.metadata, environment.status
    if is_workspace:
        parts = [_ready(environment, secret)]
    else:
        parts = conditions.outside_workspace(metadata.namespace)
    dated = [c.model_copy(update={"observed_generation": metadata.generation}) for c in parts]
    readable = secret if secret and secret.is_labelled else None
    return EnvironmentStatus(
        observed_generation=metadata.generation,
        secret_version=readable.version if readable else None,
        secrets=readable.names[:_NAMES_KEPT] if readable else (),
        conditions=set_conditions(old.conditions, dated, now=now),
    )


def surroundings(observed: Observed) -> Surroundings:
    """Decide about a deployment's Environment; while that is missing, what was in force goes on."""
    spec = observed.deployment.spec
    if spec.environment_ref is None:
        return Surroundings()
    name, environment = spec.environment_ref.name, observed.environment
    in_force = observed.live.environment if observed.live else None
    if spec.state is State.UNDEPLOYED:
        return Surroundings(in_force)
    if environment is None:
        message = f"Environment {name!r} does not exist: create it, or take environmentRef away"
        return Surroundings(in_force, _told("EnvironmentMissing", message))
    if environment.status.observed_generation < environment.metadata.generation:
        return Surroundings(in_force, _before(observed, name))
    return Surroundings(_live(environment), _found(environment))


def _ready(environment: Environment, secret: SecretSeen | None) -> Condition:
    ref = environment.spec.secret_ref
    if ref and secret is None:
        message = f"Secret {ref.name!r} does not exist: create it with the label {_LABEL}"
        return condition("Ready", status="False", reason="SecretMissing", message=message)
    if ref and secret and not secret.is_labelled:
        message = f"Secret {ref.name!r} is not read: it lacks the label {_LABEL}"
        return condition("Ready", status="False", reason="SecretNotLabelled", message=message)
    return condition("Ready", status="True", reason="AsWanted")


_LABEL = f"{ENVIRONMENT_LABEL}=true"


def _live(environment: Environment) -> LiveEnvironment:
    ref, version = environment.spec.secret_ref, environment.status.secret_version
    return LiveEnvironment(
        name=environment.metadata.name,
        variables=environment.spec.variables,
        secret_name=ref.name if ref and version else None,
        rotation=version or "",
    )


def _found(environment: Environment) -> Condition:
    ready = next((c for c in environment.status.conditions if c.type == "Ready"), None)
    if ready is None or ready.status == "True":
        return condition("EnvironmentReady", status="True", reason="Found")
    return _told(ready.reason, f"Environment {environment.metadata.name!r}: {ready.message}")


def _before(observed: Observed, name: str) -> Condition:
    """Keep what was said while the Environment itself is being looked at: it wakes us again."""
    known = observed.live.environment if observed.live else None
    told = observed.deployment.status.conditions
    before = next((c for c in told if c.type == "EnvironmentReady"), None)
    if before and known and known.name == name:
        return before
    return _told("EnvironmentUnseen", f"Environment {name!r} has not been looked at yet")


def _told(reason: str, message: str) -> Condition:
    return condition("EnvironmentReady", status="False", reason=reason, message=message)
