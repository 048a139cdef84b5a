"""What the API asks of the recorder, beside batches: shapes of the bodies."""

import time
from typing import TypeVar

import orjson
from pydantic import Field, ValidationError

from dragops.errors import BadInput
from dragops.history.batch import Finish
from dragops.model.run import RunStatus
from dragops.model.schema import Shape

W = TypeVar("W", bound=Shape)


class Purge(Shape):
    """Forget the runs of a deployment; without a workspace, in the caller's own."""

    deployment_uid: str
    workspace: str | None = None


class Cancel(Shape):
    """Record a run as cancelled, as no engine has it any more."""

    workspace: str
    run_id: str
    by: str

    def end(self) -> Finish:
        """Give the end of the run; it changes nothing of one that has ended."""
        message = f"The run was cancelled by {self.by}; no engine had it any more"
        error = orjson.dumps({"type": "Cancelled", "message": message}).decode()
        now = time.time_ns() // 1_000_000
        return Finish(self.run_id, RunStatus.CANCELLED, now, error, None, 0, None)


class Hear(Shape):
    """Hear of runs from a position on, or of where the news are now."""

    position: str | None = None
    wait_seconds: float = Field(default=0, ge=0, le=60)


def wish_of(kind: type[W], body: bytes) -> W:
    """Read a body; raise BadInput when it is not what it must be."""
    try:
        return kind.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError) as exc:
        raise BadInput("body", str(exc)) from exc
