"""Runs as REST has them."""

from typing import Any, Literal, Self

from pydantic import Field
from typing_extensions import override

from dragops.history.records import RunRecord, moment
from dragops.history.timeline import Step
from dragops.model.ids import id_of
from dragops.model.schema import Json, Shape
from dragops_api.schemas.deployments import RunError

LogLevel = Literal["debug", "info", "warn", "error"]


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
    retry_of: str | None = Field(description="The run whose event this one has taken again.")
    parent_run_id: str | None = Field(description="The run that called this one.")
    attempt: int = Field(description="How often it has been tried, counted from 1.")

    @classmethod
    def of(cls, run: RunRecord) -> Self:
        """Show a run of the store."""
        return cls(**_fields(run))


class StepOut(Shape):
    """A node that began while the run went on."""

    node_id: str
    started_at: str | None
    duration_ms: float = Field(description="Until the next node began, or the run ended.")

    @classmethod
    def of(cls, step: Step) -> Self:
        """Show a step of a timeline."""
        return cls(
            node_id=step.node_id,
            started_at=moment(step.at),
            duration_ms=round(step.milliseconds, 3),
        )


class WholeRunOut(RunOut):
    """A run with the times of its nodes."""

    timeline: list[StepOut] = Field(
        description="Nodes with exec pins, in the order in which they began; told at the end."
    )
    timeline_dropped: int = Field(description="Later steps, which were only counted.")
    log_dropped: int = Field(description="Log entries past the caps, which were only counted.")

    @classmethod
    @override
    def of(cls, run: RunRecord) -> Self:
        return cls(
            **_fields(run),
            timeline=[StepOut.of(step) for step in run.timeline.steps],
            timeline_dropped=run.timeline.dropped,
            log_dropped=run.log_dropped,
        )


class CancelOut(Shape):
    """A run that was cancelled, or was told to stop and still goes on."""

    run_id: str
    status: str
    stopped: bool = Field(
        description="False where no engine had the run: it is only recorded as cancelled."
    )


def log_entries(run: RunRecord) -> list[LogEntry]:
    """Show what a run wrote."""
    return [LogEntry.model_validate(entry) for entry in run.log_output]


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


def _fields(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "deployment_id": id_of(run.deployment),
        "triggered_by": run.triggered_by,
        "status": run.status,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "duration_ms": run.duration_ms,
        "event_data": run.event_data,
        "log_output": log_entries(run),
        "error_message": run.error_message,
        "error": error_of(run.error),
        "version_number": run.version_number,
        "retry_of": run.retry_of,
        "parent_run_id": run.parent_run_id,
        "attempt": run.attempt,
    }
