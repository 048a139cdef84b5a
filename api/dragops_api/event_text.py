"""Server-sent events: the texts that a stream of runs is made of.

Engines report what is told here, and one that is odd must not silence the streams of all others:
what cannot be read is null.
"""

from typing import Any

import orjson

from dragops.history.news import Item, Position
from dragops.history.records import moment
from dragops.model.ids import id_of

RETRY_MS = 2_000
ALIVE = b": still here\n\n"
"""A comment: it keeps the connection open where something between closes silent ones."""


def hello_text(start: Position) -> bytes:
    """Begin a stream: how soon to come back, and the id to come back with."""
    return f": runs begin and end\nretry: {RETRY_MS}\nid: {start}\n\n".encode()


def item_text(item: Item, after: Position) -> bytes:
    """Tell that a run has begun or ended; ``after`` is where a client goes on that has it."""
    told: dict[str, Any] = {
        "runId": item.run_id,
        "deploymentId": id_of(item.deployment),
        "workspace": item.workspace,
        "triggeredBy": item.triggered_by,
        "status": item.status,
        "startedAt": _moment(item.started_at),
    }
    if item.ended_at is None:
        return _event("run.started", told, after)
    return _event("run.finished", told | _end(item, item.ended_at), after)


def gap_text(after: Position) -> bytes:
    """Tell that events may have been missed."""
    message = "Events may have been missed: list the runs, then go on listening"
    return _event("gap", {"message": message}, after)


def end_text(code: str, message: str) -> bytes:
    """Tell why the stream ends; it has no id, so a client comes back to where it was."""
    return _event("end", {"code": code, "message": message}, None)


def _end(item: Item, ended_at: int) -> dict[str, Any]:
    began = item.started_at
    return {
        "completedAt": _moment(ended_at),
        "durationMs": None if began is None else max(0, ended_at - began),
        "errorMessage": _message(item.error),
    }


def _moment(milliseconds: int | None) -> str | None:
    try:
        return moment(milliseconds)
    except (ValueError, OverflowError, OSError):
        return None


def _message(error: str | None) -> str | None:
    try:
        told = orjson.loads(error or "null")
    except orjson.JSONDecodeError:
        return None
    message = told.get("message") if isinstance(told, dict) else None
    return message if isinstance(message, str) else None


def _event(name: str, data: dict[str, Any], after: Position | None) -> bytes:
    head = f"event: {name}\n" + (f"id: {after}\n" if after else "")
    return head.encode() + b"data: " + orjson.dumps(data) + b"\n\n"
