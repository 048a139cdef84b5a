"""What a schedule's pod asks the recorder: which ticks have had their run, or are having it."""

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from dragops.errors import BadInput
from dragops.model.ids import RunId

KEYS_MAX = 1_000
"""Keys in one question; more are asked in several."""


class Question(NamedTuple):
    """Ticks of one schedule, by their idempotency keys."""

    deployment_uid: str
    node_id: str
    keys: Annotated[Sequence[str], Field(max_length=KEYS_MAX)]


class Known(NamedTuple):
    """A tick that has a run; one without is not among the answers."""

    key: str
    run_id: RunId
    has_ended: bool


_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


def encode_question(question: Question) -> bytes:
    """Give the body of POST /v1/ticks."""
    return orjson.dumps(question._asdict())


def decode_question(body: bytes) -> Question:
    """Read a body; raise BadInput when it is no question."""
    try:
        raw = orjson.loads(body)
        return _QUESTION.validate_python([raw["deployment_uid"], raw["node_id"], raw["keys"]])
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as exc:
        raise BadInput("body", f"is not a question about ticks: {exc}") from exc


def encode_known(known: Iterable[Known]) -> bytes:
    """Give the recorder's answer."""
    return orjson.dumps({"ticks": [tuple(each) for each in known]})


def decode_known(body: bytes) -> list[Known]:
    """Read the recorder's answer."""
    return [Known(*each) for each in orjson.loads(body)["ticks"]]
