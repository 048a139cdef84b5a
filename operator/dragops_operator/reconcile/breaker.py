"""Whether a deployment is paused by its circuit breaker, and since when failures count. Pure.

``spec.state`` stays what its owner wrote; what holds is decided here.
"""

from datetime import UTC, datetime
from typing import Literal

from dragops.model.breaker import TRIPPED, LiveBreaker, Trip, milliseconds, trip_in
from dragops.model.deployment import ResumedStatus, State
from dragops.model.run import iso
from dragops_operator.reconcile.conditions import Waiting
from dragops_operator.reconcile.observed import Observed

_STATES: dict[State, Literal["active", "paused", "undeployed"]] = {
    State.ACTIVE: "active",
    State.PAUSED: "paused",
    State.UNDEPLOYED: "undeployed",
}


def state_after(observed: Observed) -> Literal["active", "paused", "undeployed"]:
    """Give the state that should be live."""
    return "paused" if trip_of(observed) else _STATES[observed.deployment.spec.state]


def breaker_after(observed: Observed) -> LiveBreaker | None:
    """Give the breaker that should be live; None for the default one that nobody has resumed."""
    wanted, resumed = observed.deployment.spec.circuit_breaker, resumed_after(observed)
    breaker = LiveBreaker(
        failures=wanted.failures,
        window_seconds=wanted.window_seconds,
        since=resumed.at if resumed else "",
    )
    return None if breaker == LiveBreaker() else breaker


def resumed_after(observed: Observed) -> ResumedStatus | None:
    """Give the last resume, which may be asked for just now."""
    wanted, before = observed.deployment.spec.resume, observed.deployment.status.resumed
    if wanted == (before.value if before else ""):
        return before
    return ResumedStatus(value=wanted, at=observed.now)


def trip_of(observed: Observed) -> Trip | None:
    """Give the trip that pauses an active deployment; one of another breaker does not."""
    deployment, resumed = observed.deployment, resumed_after(observed)
    trip = trip_in(deployment.metadata.annotations.get(TRIPPED))
    since = milliseconds(resumed.at) if resumed else 0
    is_active = deployment.spec.state is State.ACTIVE
    return trip if trip and trip.since == since and is_active else None


def tripped(observed: Observed) -> Waiting | None:
    """Say why a deployment is paused that its owner has not paused, and what ends it."""
    trip = trip_of(observed)
    if trip is None:
        return None
    at = datetime.fromtimestamp(trip.at / 1000, UTC)
    return Waiting(
        "Tripped",
        f"paused at {iso(at)}, as {trip.failures} runs had failed within {trip.window_seconds} s: "
        "set spec.resume to a new value, or resume it over REST",
    )
