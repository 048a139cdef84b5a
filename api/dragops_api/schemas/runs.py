"""Runs as REST has them."""

from typing import Literal

from dragops.history.queries import RunRecord
from dragops.model.ids import id_of
from dragops.model.run import RunStatus, TriggeredBy
from dragops.model.schema import Json, Shape
from dragops_api.schemas.deployments import RunError

StatusFilter = RunStatus | Literal["success", "failure"]
"""The product's two words are read too."""
TriggerFilter = TriggeredBy
_WORDS = {"success": RunStatus.COMPLETED, "failure": RunStatus.FAILED}


class LogEntry(Shape):
    """One line that a run wrote."""

    level: str
    message: str
    node_id: str | None
    at: str | None


class RunOut(Shape):
    """A run; times that have not come yet are null."""

    id: str
    deployment_id: str
    triggered_by: str
    status: str
    started_at: str | None
    completed_at: str | None
    duration_ms: int | None
    event_data: Json
    log_output: list[LogEntry]
    error_message: str | None
    error: RunError | None
    version_number: int

    @classmethod
    def of(cls, run: RunRecord) -> "RunOut":
        """Show a run of the store."""
        return cls(
            id=run.id,
            deployment_id=id_of(run.deployment),
            triggered_by=run.triggered_by,
            status=run.status,
            started_at=run.started_at,
            completed_at=run.completed_at,
            duration_ms=run.duration_ms,
            event_data=run.event_data,
            log_output=[LogEntry.model_validate(entry) for entry in run.log_output],
            error_message=run.error_message,
            error=error_of(run.error),
            version_number=run.version_number,
        )


def error_of(error: dict[str, Json] | None) -> RunError | None:
    """Show why a run failed; keys that nobody knows are null."""
    if not error:
        return None
    return RunError(
        type=error["type"],
        message=error["message"],
        node_id=error.get("nodeId"),
        line=error.get("line"),
    )


def status_of(word: StatusFilter | None) -> str | None:
    """Give the status that a filter means."""
    return _WORDS.get(word, word) if word else None
