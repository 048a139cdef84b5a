"""A run: one execution of a program, and the shapes in which engines report it to the recorder.

Times are ISO 8601 UTC with milliseconds and ``Z``; durations are milliseconds.
"""

from datetime import UTC, datetime
from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run is; the first two are unfinished."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    DEAD_LETTER = "dead_letter"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"


UNFINISHED = (RunStatus.ACCEPTED, RunStatus.RUNNING)
FAILURES = (RunStatus.FAILED, RunStatus.TIMEOUT, RunStatus.DEAD_LETTER)


class TriggeredBy(StrEnum):
    """What started a run."""

    WEBHOOK = "webhook"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    PATTERN = "pattern"
    EMAIL = "email"


def iso(moment: datetime) -> str:
    """Give a moment as the API shows it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_iso() -> str:
    """Give this moment as the API shows it."""
    return iso(datetime.now(UTC))
