"""A call of a pattern on its way from a schedule's pod to the pool: what is said and answered.

Values travel as JSON: moments and bytes are texts, and become what they were where a type says so.
Secrets that are among them are named, so that each side hides them in its records.
"""

import time
from collections.abc import Mapping
from typing import Any, Self

import orjson
from pydantic import Field

from dragops.engine.calls import Called
from dragops.engine.context import Call, Caller
from dragops.engine.encoding import encoded
from dragops.engine.masking import Mask
from dragops.engine.run import Outcome
from dragops.errors import RunFailure
from dragops.model.ids import RunId
from dragops.model.pin import PinType
from dragops.model.run import RunStatus
from dragops.model.schema import Json, Shape
from dragops.nodes.interface import bytes_in_json

CALL_PATH = "/internal/call"


class CallOrder(Shape):
    """A wish of a run that goes on elsewhere."""

    pattern: str
    inputs: dict[str, Json]
    takes: dict[str, PinType]
    gives: dict[str, PinType]
    run_id: RunId
    depth: int = Field(ge=0)
    seconds: float = Field(gt=0, le=86_400)
    """What the calling run has left."""
    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, call: Call, caller: Caller) -> Self:
        """Say what a run wants called."""
        text = encoded(call.inputs)
        return cls(
            pattern=call.pattern,
            inputs=orjson.loads(text),
            takes=dict(call.takes),
            gives=dict(call.gives),
            run_id=caller.run_id,
            depth=caller.depth,
            seconds=max(0.001, caller.deadline - time.monotonic()),
            secrets=_shown(text, caller.mask),
        )

    def call(self) -> Call:
        """Give what is called."""
        return Call(self.pattern, self.inputs, self.takes, self.gives, in_json=True)

    def caller(self) -> Caller:
        """Give who calls."""
        deadline = time.monotonic() + self.seconds
        return Caller(self.run_id, self.depth, deadline, Mask(self.secrets))


class CallAnswer(Shape):
    """How the called run ended; only ``refused`` where there was none."""

    refused: str | None = None
    run_id: RunId = RunId("")
    status: RunStatus = RunStatus.FAILED
    error: dict[str, Json] | None = None
    returned: dict[str, Json] = Field(default_factory=dict)
    has_used_up: bool = False
    secrets: tuple[str, ...] = ()

    def called(self, gives: Mapping[str, PinType]) -> Called:
        """Give the run; raises RunFailure for an output that is not what it must be."""
        returned = {
            name: bytes_in_json(value, name) if gives.get(name) is PinType.BINARY else value
            for name, value in self.returned.items()
        }
        outcome = Outcome(self.status, self.error)
        return Called(self.run_id, outcome, returned, self.has_used_up, Mask(self.secrets))


def answered(called: Called) -> dict[str, Any]:
    """Give the body of an answer about a run that has ended."""
    text = encoded(called.returned)
    return {
        "runId": called.run_id,
        "status": called.outcome.status,
        "error": called.outcome.error,
        "returned": orjson.loads(text),
        "hasUsedUp": called.has_used_up,
        "secrets": _shown(text, called.mask),
    }


def refusal(exc: RunFailure) -> dict[str, Any]:
    """Give the body of an answer that nothing was called."""
    return {"refused": exc.message}


def _shown(text: str, mask: Mask) -> tuple[str, ...]:
    """Give the secrets that a text shows, in any form that would be hidden."""
    return tuple(secret for secret in mask.secrets if Mask((secret,)).text(text) != text)
