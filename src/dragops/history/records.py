"""What is told of a run: its record, as the API shows it, read from the rows of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping

from dragops.history.timeline import Timeline, decode_timeline
from dragops.model.run import iso


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the API shows it; ``started_at`` is None while it waits for a free slot."""

    id: str
    workspace: str
    deployment: str
    deployment_uid: str
    node_id: str
    triggered_by: str
    status: str
    version_number: int
    accepted_at: str
    started_at: str | None
    completed_at: str | None
    duration_ms: int | None
    event_data: Any
    log_output: list[dict[str, Any]]
    """Entries {level, message, nodeId, at}."""
    log_dropped: int
    error_message: str | None
    error: dict[str, Any] | None
    """{type, message, nodeId, line, data}; keys that are not known are left out."""
    answer: dict[str, Any] | None
    retry_of: str | None
    parent_run_id: str | None
    attempt: int
    """How often it has been tried, counted from 1."""
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a deployment, without its payloads."""

    id: str
    status: str
    started_at: str | None
    duration_ms: int | None


def record_of(row: RowMapping) -> RunRecord:
    """Read a run with its payloads."""
    error = _json(row["error"])
    return RunRecord(
        id=row["id"],
        workspace=row["workspace"],
        deployment=row["deployment"],
        deployment_uid=row["deployment_uid"],
        node_id=row["node_id"],
        triggered_by=row["triggered_by"],
        status=row["status"],
        version_number=row["version"],
        accepted_at=moment(row["accepted_at"]) or "",
        started_at=moment(row["started_at"]),
        completed_at=moment(row["completed_at"]),
        duration_ms=_duration(row),
        event_data=_json(row["event"]),
        log_output=[_entry(entry) for entry in _json(row["log"]) or ()],
        log_dropped=row["log_dropped"] or 0,
        error_message=error["message"] if error else None,
        error=error,
        answer=_json(row["answer"]),
        retry_of=row["retry_of"],
        parent_run_id=row["parent_run_id"],
        attempt=row["attempt"],
        timeline=decode_timeline(row["timeline"]),
    )


def last_run_of(row: RowMapping) -> LastRun:
    """Read a run without its payloads."""
    return LastRun(row["id"], row["status"], moment(row["started_at"]), _duration(row))


def moment(milliseconds: float | None) -> str | None:
    """Show a time of the store."""
    if milliseconds is None:
        return None
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _entry(entry: Sequence[Any]) -> dict[str, Any]:
    at, level, node_id, message = entry
    return {"level": level, "message": message, "nodeId": node_id, "at": moment(at)}


def _duration(row: Mapping[Any, Any]) -> int | None:
    if row["started_at"] is None or row["completed_at"] is None:
        return None
    return max(0, int(row["completed_at"]) - int(row["started_at"]))


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
