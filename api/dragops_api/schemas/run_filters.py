"""Which runs a caller wants: the words and times of a list's query."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Query

from dragops.errors import BadInput
from dragops.history.queries import RunFilter
from dragops.model.run import RunStatus, TriggeredBy

StatusWord = Literal[
    "accepted",
    "running",
    "completed",
    "failed",
    "timeout",
    "dead_letter",
    "cancelled",
    "skipped",
    "missed",
    "success",
    "failure",
]
_WORDS = {"success": RunStatus.COMPLETED, "failure": RunStatus.FAILED}
_ZERO, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_EXAMPLE = "2026-03-05T12:00:00.000Z"

Status = Annotated[
    StatusWord | None,
    Query(description="`success` and `failure` are completed and failed."),
]
Trigger = Annotated[TriggeredBy | None, Query(alias="triggeredBy")]
Since = Annotated[
    str | None, Query(description="Made at this time or later; ISO 8601.", examples=[_EXAMPLE])
]
Until = Annotated[str | None, Query(description="Made before this time; ISO 8601.")]


def run_filter(
    status: Status = None, triggered_by: Trigger = None, since: Since = None, until: Until = None
) -> RunFilter:
    """Read which runs are wanted; raise BadInput for a time that is none."""
    begin, end = _milliseconds("since", since), _milliseconds("until", until)
    if begin is not None and end is not None and begin > end:
        raise BadInput("query.until", "is before since")
    return RunFilter(_WORDS.get(status, status) if status else None, triggered_by, begin, end)


def _milliseconds(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        hint = "; write + as %2B" if " " in text else ""
        message = f"is not an ISO 8601 time such as {_EXAMPLE}{hint}"
        raise BadInput(f"query.{name}", message) from exc
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (zoned - _ZERO) // _MILLISECOND
