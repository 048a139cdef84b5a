"""A circuit breaker: failures that pause a deployment, and how its parts speak of that.

The recorder trips it, the annotation ``TRIPPED`` tells the operator, ``spec.resume`` closes it.
"""

from datetime import datetime

import orjson
from pydantic import Field, ValidationError

from dragops.model.schema import Report, Shape

TRIPPED = "dragops.dev/tripped"
"""On a PatternDeployment: the trip, as JSON. It holds until the deployment is resumed."""
LAST_MS = 253_402_300_799_999
"""The end of the year 9999, as later times cannot be written."""


class CircuitBreaker(Shape):
    """How many failures are too many."""

    failures: int = Field(
        default=20,
        ge=0,
        le=1_000,
        description="So many failed runs within the window pause the deployment; 0: never.",
    )
    window_seconds: int = Field(
        default=300, ge=1, le=86_400, description="Older failures do not count."
    )


class LiveBreaker(CircuitBreaker):
    """The breaker in force, as engines are told."""

    since: str = ""
    """When the deployment was last resumed (RFC 3339); runs made before do not count."""

    @property
    def since_ms(self) -> int:
        """Give ``since`` in milliseconds since 1970; 0 when it was never resumed."""
        return milliseconds(self.since) if self.since else 0


class Trip(Report):
    """That a breaker has tripped, and why; times are milliseconds since 1970."""

    since: int
    """The ``since`` of the breaker that tripped; with any other the trip is over."""
    at: int = Field(ge=0, le=LAST_MS)
    failures: int
    window_seconds: int

    def as_text(self) -> str:
        """Give the value of the annotation."""
        return orjson.dumps(self.model_dump(by_alias=True)).decode()


def trip_in(text: str | None) -> Trip | None:
    """Read the annotation; None where there is none, or nothing that anybody could read."""
    try:
        return Trip.model_validate(orjson.loads(text)) if text else None
    except (orjson.JSONDecodeError, ValidationError):
        return None


def milliseconds(moment: str) -> int:
    """Give an RFC 3339 time in milliseconds since 1970."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
