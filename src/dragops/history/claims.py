"""Ticks of a schedule whose runs must not overlap: who may run is decided where runs are stored.

A pod claims its tick; in one transaction the runs that go on are looked at, and the tick is entered
as a run, or as one that gave way, or in place of the others. Next: ``RunStore.claim`` writes it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from dragops.errors import BadInput
from dragops.history.batch import Accept, Batch, Finish, accept_row
from dragops.model.ids import RunId
from dragops.model.run import RunStatus


class Claim(NamedTuple):
    """A tick that wants to run; its key is its scheduled time."""

    accept: Accept
    replaces: bool
    """Ends older runs instead of giving way to them."""
    since: int
    """Runs that were made before this moment, in milliseconds, cannot go on any more."""


class Claimed(NamedTuple):
    """What became of a claim."""

    run_id: RunId
    duplicate: bool
    """The tick has a run already: this one."""
    gave_way: bool
    """It is recorded as skipped."""


class Going(NamedTuple):
    """A run of the same schedule that has not ended."""

    run_id: RunId
    key: str


_CLAIM: TypeAdapter[Claim] = TypeAdapter(Claim)


def decide(claim: Claim, going: Sequence[Going]) -> Batch:
    """Give what is to be written; a tick that gives way is accepted and ends at once."""
    key = str(claim.accept.key)
    in_the_way = [run for run in going if run.key > key or not claim.replaces]
    if in_the_way:
        accept = claim.accept._replace(running=False)
        return Batch([accept], finishes=[_gives_way(claim, in_the_way[0])])
    return Batch([claim.accept], finishes=[_is_replaced(run, claim) for run in going])


def gives_way(batch: Batch) -> bool:
    """Say whether a decision was that the tick gives way."""
    return any(end.status == RunStatus.SKIPPED for end in batch.finishes)


def encode_claim(claim: Claim) -> bytes:
    """Give the body of POST /v1/claim."""
    return orjson.dumps(
        {
            "accept": accept_row(claim.accept),
            "replaces": claim.replaces,
            "since": claim.since,
        }
    )


def decode_claim(body: bytes) -> Claim:
    """Read a body; raise BadInput when it is no claim."""
    try:
        raw = orjson.loads(body)
        claim = _CLAIM.validate_python([raw["accept"], raw["replaces"], raw["since"]])
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as exc:
        raise BadInput("body", f"is not a claim of a tick: {exc}") from exc
    if claim.accept.key is None:
        raise BadInput("body", "is not a claim of a tick: it has no key")
    return claim


def encode_claimed(claimed: Claimed) -> bytes:
    """Give the recorder's answer."""
    return orjson.dumps(claimed._asdict())


def decode_claimed(body: bytes) -> Claimed:
    """Read the recorder's answer."""
    return Claimed(**orjson.loads(body))


def _gives_way(claim: Claim, other: Going) -> Finish:
    policy = "Replace" if claim.replaces else "Forbid"
    message = f"The run of {other.key} was going on (overlap: {policy})"
    return _end(claim.accept.run_id, RunStatus.SKIPPED, "Skipped", message, claim.accept.at)


def _is_replaced(run: Going, claim: Claim) -> Finish:
    message = f"The tick of {claim.accept.key} took its place (overlap: Replace)"
    return _end(run.run_id, RunStatus.CANCELLED, "Replaced", message, claim.accept.at)


def _end(run_id: str, status: RunStatus, type_: str, message: str, at: int) -> Finish:
    error = orjson.dumps({"type": type_, "message": message}).decode()
    return Finish(run_id, status, at, error, None, 0, None)
