"""Deployments as the reference has them, key for key."""

from typing import Any, Literal

from pydantic import Field

from dragops.model.ids import id_of
from dragops.model.schema import Json, Shape
from dragops_api.moments import created_at, shown, updated_at
from dragops_api.schemas.triggers import TriggerOut
from dragops_api.schemas.webhooks import EndpointOut
from dragops_api.transitions import status_word

Object = dict[str, Any]


DEFINITIONS = (
    "By node type, in the shape of GET /api/nodes; {} is the catalogue as it is. An entry for a "
    "node of the catalogue is the caller's view of it. One with `request` and `response` is a "
    "declarative node, an HTTP call; those that the graph uses are kept with the version."
)


class DeployIn(Shape):
    """What a deploy is told; ``nodeDefinitions: {}`` means the catalogue as it is."""

    node_definitions: dict[str, Json] = Field(description=DEFINITIONS)
    environment_id: str | None = Field(default=None, max_length=63)


class ExecuteIn(Shape):
    """What a run is started with."""

    event_data: dict[str, Json] = Field(default_factory=dict)


class DeployOut(Shape):
    """A deploy that is live, or ``pending`` and going on by itself."""

    deployment_id: str
    status: str
    version_number: int | None
    triggers: list[TriggerOut]


class StateOut(Shape):
    """The state after the call."""

    status: str


class RedeployOut(Shape):
    """The same version, pushed again."""

    deployment_id: str
    status: str


class DeletedOut(Shape):
    """A deployment that is gone."""

    id: str
    status: Literal["deleted"]


class StatusOut(Shape):
    """A pattern's deployment in short."""

    deployment_id: str
    status: str
    version_number: int | None
    confirmed_at: str | None
    created_at: str

    @classmethod
    def of(cls, obj: Object) -> "StatusOut":
        """Show a PatternDeployment."""
        status = obj.get("status", {})
        return cls(
            deployment_id=id_of(obj["metadata"]["name"]),
            status=status_word(obj),
            version_number=status.get("versionNumber"),
            confirmed_at=shown(status.get("confirmedAt")),
            created_at=created_at(obj),
        )


class LastRunOut(Shape):
    """The newest run in short; ``startedAt`` is null while it waits for its turn."""

    status: str
    started_at: str | None
    duration_ms: int | None


class DeploymentItem(Shape):
    """A deployment in a list."""

    id: str
    pattern_id: str
    pattern_name: str
    status: str
    triggers: list[TriggerOut]
    total_runs: int
    last_run: LastRunOut | None
    created_at: str
    updated_at: str


class PatternWords(Shape):
    """What a pattern says of itself."""

    name: str
    description: str


class DeploymentOut(Shape):
    """A deployment with everything about it."""

    id: str
    pattern_id: str
    pattern_name: str
    status: str
    triggers: list[TriggerOut]
    version_number: int | None
    confirmed_at: str | None
    webhook_endpoints: list[EndpointOut]
    email_endpoints: list[dict[str, Json]]
    pattern: PatternWords
    created_at: str
    updated_at: str


class RunError(Shape):
    """Why a run failed, and where."""

    type: str
    message: str
    node_id: str | None
    line: int | None


class ExecuteOut(Shape):
    """A run that has ended, or goes on; ``error`` is there when it failed."""

    run_id: str
    status: str
    error: RunError | None = None


class RetryOut(ExecuteOut):
    """A run of an earlier run's event."""

    retry_of: str


def fields_of(obj: Object, pattern: Object | None) -> dict[str, Any]:
    """Give the fields that a list's item and the whole deployment share."""
    status, ref = obj.get("status", {}), obj["spec"]["patternRef"]["name"]
    return {
        "id": id_of(obj["metadata"]["name"]),
        "pattern_id": id_of(ref),
        "pattern_name": words_of(ref, pattern).name,
        "status": status_word(obj),
        "triggers": [TriggerOut.model_validate(t) for t in status.get("triggers", [])],
        "created_at": created_at(obj),
        "updated_at": updated_at(obj, status.get("confirmedAt")),
    }


def words_of(ref: str, pattern: Object | None) -> PatternWords:
    """Say what the pattern says of itself; a pattern that is gone says its resource's name."""
    spec = pattern["spec"] if pattern else {}
    return PatternWords(name=spec.get("title") or ref, description=spec.get("description", ""))
