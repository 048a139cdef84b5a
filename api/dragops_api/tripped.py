"""What a tripped circuit breaker means for a deployment's resource: decisions, no I/O."""

from collections.abc import Callable
from typing import Any

from dragops.history.breakers import BreakerTrip
from dragops.model.breaker import LAST_MS, TRIPPED, Trip, milliseconds, trip_in

Object = dict[str, Any]


def trip_of(deployment: Object) -> Trip | None:
    """Give the trip that the annotation shows, if it holds."""
    trip = trip_in(_notes(deployment).get(TRIPPED))
    return trip if trip is not None and trip.since == _resumed_ms(deployment) else None


def close(deployment: Object, value: str) -> None:
    """Resume a deployment that has tripped; ``value`` was not used before."""
    if TRIPPED in _notes(deployment):
        deployment["spec"]["resume"] = value
        del deployment["metadata"]["annotations"][TRIPPED]


def shown(stored: BreakerTrip) -> Callable[[Object], None]:
    """Build the edit that has the annotation show a trip, or no longer show one that is over."""

    def edit(deployment: Object) -> None:
        if not is_due(deployment, stored):
            return
        notes = deployment["metadata"].setdefault("annotations", {})
        notes.pop(TRIPPED, None)
        if stored.since == _resumed_ms(deployment):
            notes[TRIPPED] = _trip(stored).as_text()

    return edit


def is_due(deployment: Object, stored: BreakerTrip) -> bool:
    """Say whether the annotation must change; a resume that is still to be obeyed comes first."""
    metadata, status = deployment["metadata"], deployment.get("status", {})
    is_its = metadata["uid"] == stored.deployment_uid
    if not is_its or status.get("observedGeneration") != metadata["generation"]:
        return False
    holds = stored.since == _resumed_ms(deployment)
    return _notes(deployment).get(TRIPPED) != (_trip(stored).as_text() if holds else None)


def _trip(stored: BreakerTrip) -> Trip:
    return Trip(
        since=stored.since,
        # an engine's clock, which may say anything
        at=min(max(stored.at, 0), LAST_MS),
        failures=stored.failures,
        window_seconds=stored.window_ms // 1_000,
    )


def _notes(deployment: Object) -> dict[str, str]:
    notes: dict[str, str] = deployment.get("metadata", {}).get("annotations") or {}
    return notes


def _resumed_ms(deployment: Object) -> int:
    resumed = deployment.get("status", {}).get("resumed") or {}
    return milliseconds(resumed["at"]) if "at" in resumed else 0
