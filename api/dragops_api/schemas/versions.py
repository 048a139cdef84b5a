"""Versions of a deployment, what they hold, and what the next one would be."""

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from dragops.model.graph_data import GraphData, graph_of
from dragops.model.ids import id_of
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program
from dragops.model.schema import Shape
from dragops_api.moments import shown
from dragops_api.preview import Preview
from dragops_api.schemas.patterns import FaultOut
from dragops_api.schemas.triggers import TriggerOut
from dragops_api.versions import Kept

_PREVIEW: JsonDict = {
    "dryRun": True,
    "deploymentId": "dep_abc123",
    "versionNumber": 4,
    "triggers": [{"type": "OnSchedule", "nodeId": "node_1"}],
    "schedules": [
        {
            "nodeId": "node_1",
            "cronExpression": "0 9 * * 1-5",
            "timezone": "America/New_York",
            "nextRuns": ["2026-03-06T14:00:00.000Z", "2026-03-09T13:00:00.000Z"],
        }
    ],
    "warnings": [],
    "diff": "--- version 3\n+++ version 4\n@@ -10,3 +10,3 @@\n...\n",
}


class VersionOut(Shape):
    """A version that is kept; a pinned one stays until the next deploy."""

    number: int
    digest: str
    created_at: str | None
    live: bool
    pinned: bool

    @classmethod
    def of(cls, kept: Kept) -> "VersionOut":
        """Show a version."""
        version = kept.version
        return cls(
            number=version.number,
            digest=version.digest,
            created_at=shown(version.created_at),
            live=kept.is_live,
            pinned=kept.is_pinned,
        )


class ProgramOut(Shape):
    """The program of a version: ``lines`` has for each line of ``text`` the node it came from."""

    number: int
    digest: str
    text: str
    lines: list[str | None]
    triggers: list[TriggerOut]
    source: GraphData

    @classmethod
    def of(cls, kept: Kept, program: Program) -> "ProgramOut":
        """Show a version's program."""
        manifest = program.manifest
        return cls(
            number=kept.version.number,
            digest=kept.version.digest,
            text=program.text,
            lines=list(manifest.lines),
            triggers=[TriggerOut(type=t.type, node_id=t.node_id) for t in manifest.triggers],
            source=graph_of(PatternSpec.model_validate(manifest.source)),
        )


class RollbackIn(Shape):
    """The version to go back to, or forward."""

    version: int = Field(strict=True, ge=1, le=2_147_483_647)


class RollbackOut(Shape):
    """The deployment with the version that runs now; ``pending`` when engines are still behind."""

    deployment_id: str
    status: str
    version_number: int | None


class ScheduleRuns(Shape):
    """When a schedule would tick next."""

    node_id: str
    cron_expression: str
    timezone: str
    next_runs: list[str]


class DeployPreview(Shape):
    """What a deploy would do; nothing was written.

    ``diff`` is a unified diff of the program against the live one, "" when they are the same, null
    when the live one cannot be read or the two are too long to compare.
    """

    model_config = ConfigDict(json_schema_extra={"example": _PREVIEW})

    dry_run: bool
    deployment_id: str
    version_number: int
    triggers: list[TriggerOut]
    schedules: list[ScheduleRuns]
    warnings: list[FaultOut]
    diff: str | None

    @classmethod
    def of(cls, preview: Preview) -> "DeployPreview":
        """Show a preview."""
        return cls(
            dry_run=True,
            deployment_id=id_of(preview.deployment),
            version_number=preview.version_number,
            triggers=[TriggerOut(type=t.type, node_id=t.node_id) for t in preview.triggers],
            schedules=[ScheduleRuns(**runs._asdict()) for runs in preview.schedules],
            warnings=[FaultOut.model_validate(fault.as_json()) for fault in preview.warnings],
            diff=preview.diff,
        )
