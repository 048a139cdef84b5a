"""What engines tell the recorder: runs accepted, begun and finished, gathered into one batch.

On the wire a batch is JSON, and each record in it an array in the order of its fields: half the
time of objects, and the recorder hands the rows to the store as they come. Payloads (event, log,
answer) travel as JSON text inside a string, so that they are encoded once and never parsed again
before somebody reads the run. Next: ``dragops.history.store`` writes a batch.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from dragops.errors import BadInput
from dragops.model.breaker import LAST_MS
from dragops.model.ids import RunId

DAY_MS = 86_400_000
STOPPED = '{"type":"Stopped",'
"""How the error of a run begins that its engine did not carry out: it gives back its key."""

_NewRun = Annotated[str, Field(pattern=r"^run_[0-9a-f]{32}$")]


class Accept(NamedTuple):
    """A run that exists from now on; ``running`` when its engine begins it at once."""

    run_id: _NewRun
    deployment_uid: str
    deployment: str
    node_id: str
    triggered_by: str
    version: int
    running: bool
    at: int
    """Milliseconds since 1970, as all times in a batch."""
    key: str | None
    """Idempotency key, unique by deployment uid and node."""
    key_for_ever: bool
    """Ticks keep their key for ever, webhooks for 24 hours."""
    event: str
    retry_of: str | None = None
    """The run whose event this one takes again."""
    parent: str | None = None
    """The run that called this one."""


class Start(NamedTuple):
    """A run that waited for a free slot, or for its next attempt, and has begun."""

    run_id: str
    at: int
    attempt: Annotated[int, Field(ge=1, le=1_000)] = 1


class Finish(NamedTuple):
    """The end of a run. ``error`` is JSON {type, message, nodeId, line, data}."""

    run_id: str
    status: str
    at: int
    error: str | None
    log: str | None
    """JSON array of [at, level, nodeId, message]."""
    log_dropped: int
    answer: str | None
    """JSON of what a waiting webhook was told."""
    timeline: str | None = None
    """When its nodes began, as ``dragops.history.timeline`` writes it."""


def stopped(message: str) -> str:
    """Say of a cancelled run that its engine did not carry it out, as ``Finish.error`` does."""
    return f'{STOPPED}"message":{orjson.dumps(message).decode()}}}'


class Watch(NamedTuple):
    """What a deployment's circuit breaker allows; told with the end of each run that fails."""

    deployment_uid: str
    deployment: str
    failures: Annotated[int, Field(ge=1, le=1_000)]
    window_ms: Annotated[int, Field(ge=1, le=DAY_MS)]
    since: Annotated[int, Field(ge=0, le=LAST_MS)]
    """Runs made before do not count."""


class Tripped(NamedTuple):
    """That a deployment's breaker has tripped, the one with this ``since``."""

    deployment_uid: str
    since: int


class Accepted(NamedTuple):
    """The recorder's word on one accept; a duplicate carries the first run's id."""

    run_id: RunId
    duplicate: bool


class Batch(NamedTuple):
    """What has gathered since the last batch."""

    accepts: Sequence[Accept] = ()
    starts: Sequence[Start] = ()
    finishes: Sequence[Finish] = ()
    watches: Sequence[Watch] = ()


BATCH_MAX = 1_000
"""Records of each kind in one batch; a transaction of several must fit SQLite's 32,766 marks."""

_Few = Field(max_length=BATCH_MAX)
_ACCEPTS: TypeAdapter[list[Accept]] = TypeAdapter(Annotated[list[Accept], _Few])
_STARTS: TypeAdapter[list[Start]] = TypeAdapter(Annotated[list[Start], _Few])
_FINISHES: TypeAdapter[list[Finish]] = TypeAdapter(Annotated[list[Finish], _Few])
_WATCHES: TypeAdapter[list[Watch]] = TypeAdapter(Annotated[list[Watch], _Few])


def encode_batch(batch: Batch) -> bytes:
    """Give the body of POST /v1/batch."""
    body = {
        "accepts": [accept_row(run) for run in batch.accepts],
        "starts": [_start_row(start) for start in batch.starts],
        "finishes": _plain(batch.finishes),
    }
    return orjson.dumps(body | ({"watches": _plain(batch.watches)} if batch.watches else {}))


def decode_batch(body: bytes) -> Batch:
    """Read a body; raise BadInput when a record is not what it must be."""
    try:
        raw = orjson.loads(body)
        return Batch(
            _ACCEPTS.validate_python(raw["accepts"]),
            _STARTS.validate_python(raw.get("starts", [])),
            _FINISHES.validate_python(raw["finishes"]),
            _WATCHES.validate_python(raw["watches"]) if "watches" in raw else (),
        )
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError, AttributeError) as exc:
        raise BadInput("body", f"is not a batch: {exc}") from exc


def encode_results(results: Iterable[Accepted], tripped: Iterable[Tripped] = ()) -> bytes:
    """Give the recorder's answer: one result an accept, in order; and which breakers are open."""
    rows = [{"runId": run_id, "duplicate": duplicate} for run_id, duplicate in results]
    open_ = _plain(tripped)
    return orjson.dumps({"accepts": rows} | ({"tripped": open_} if open_ else {}))


def decode_results(body: bytes) -> list[Accepted]:
    """Read the recorder's answer."""
    return [Accepted(row["runId"], row["duplicate"]) for row in orjson.loads(body)["accepts"]]


def decode_tripped(body: bytes) -> list[Tripped]:
    """Read which breakers the recorder's answer calls open; nearly always none."""
    if b'"tripped"' not in body:
        return []
    return [Tripped(*row) for row in orjson.loads(body)["tripped"]]


def accept_row(run: Accept) -> tuple[Any, ...]:
    """Give an accept as it travels."""
    # a recorder that is still to be upgraded knows no parents: only called runs wait for that
    return tuple(run) if run.parent is not None else tuple(run)[:-1]


def _start_row(start: Start) -> tuple[Any, ...]:
    # as with parents: an older recorder takes all but later attempts
    return tuple(start) if start.attempt > 1 else tuple(start)[:-1]


def _plain(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    # orjson writes tuples, but refuses their subclasses
    return [tuple(row) for row in rows]
