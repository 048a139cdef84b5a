"""A pattern deployment: which pattern runs, in which state, with which limits and signatures."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from dragops.model.breaker import CircuitBreaker
from dragops.model.condition import Condition
from dragops.model.declared import NodeDefinitions
from dragops.model.environment import EnvironmentRef
from dragops.model.ids import NAME_MAX, NODE_ID_PATTERN
from dragops.model.pattern import Metadata, TriggerStatus
from dragops.model.retry import Retry
from dragops.model.schema import Report, Shape

VERSIONS_KEPT = 3
PREVIOUS_SECRET_SECONDS_MAX = 604_800


class State(StrEnum):
    """What a deployment should be doing."""

    ACTIVE = "Active"
    PAUSED = "Paused"
    UNDEPLOYED = "Undeployed"


class UpdatePolicy(StrEnum):
    """When a changed pattern goes live."""

    AUTOMATIC = "Automatic"
    ON_RELEASE = "OnRelease"


class PatternRef(Shape):
    """Names a Pattern of the same namespace."""

    name: str = Field(min_length=1, max_length=NAME_MAX, description="The Pattern's name.")


class Release(Shape):
    """A wish to compile the pattern anew; any new id is a new release, attempted once."""

    id: str = Field(min_length=1, max_length=64, description="Any text not used before.")
    pattern_uid: str | None = Field(
        default=None, max_length=64, description="Wait until the pattern is this object."
    )
    pattern_generation: int | None = Field(
        default=None, ge=0, description="Wait until the pattern has at least this generation."
    )


class Signature(Shape):
    """How a webhook's sender proves who it is."""

    scheme: Literal["dragops", "github"] = Field(
        default="dragops",
        description=(
            "dragops: hex HMAC-SHA256 of the body in X-Webhook-Signature. "
            "github: sha256=<hex> in X-Hub-Signature-256."
        ),
    )
    require_timestamp: bool = Field(
        default=False,
        description="dragops only: X-Webhook-Timestamp must be there and within five minutes.",
    )


class WebhookSettings(Shape):
    """Settings of one On Webhook node's endpoint."""

    node_id: str = Field(
        pattern=NODE_ID_PATTERN, max_length=63, description="The On Webhook node meant."
    )
    signature: Signature = Signature()
    secret_rotation: int | None = Field(
        default=None,
        ge=0,
        le=2_147_483_647,
        description="Any new number makes a new signing secret; unset keeps the one there is.",
    )
    previous_secret_seconds: int = Field(
        default=0,
        ge=0,
        le=PREVIOUS_SECRET_SECONDS_MAX,
        description="Seconds for which a new secret leaves the one before good; at most a week.",
    )


class Overlap(StrEnum):
    """What happens to a tick that falls due while a run of its schedule goes on."""

    ALLOW = "Allow"
    FORBID = "Forbid"
    REPLACE = "Replace"


class MissedRuns(StrEnum):
    """Which ticks are made up for, when the cluster could not start them in time."""

    LATEST = "Latest"
    ALL = "All"
    NONE = "None"


MISSED_WINDOW_SECONDS = 3_600
MISSED_WINDOW_SECONDS_MAX = 86_400


class ScheduleSettings(Shape):
    """Settings of one On Schedule node; what is left out is as the pattern has it."""

    node_id: str = Field(
        pattern=NODE_ID_PATTERN, max_length=63, description="The On Schedule node meant."
    )
    cron_expression: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Minute, hour, day, month, weekday; with the second before them it has six "
        "fields. Or a macro such as @daily. As the node has it if left out.",
    )
    timezone: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="The IANA zone in which the rule is read. As the node has it if left out.",
    )
    overlap: Overlap = Field(
        default=Overlap.ALLOW,
        description="A tick that falls due while a run of this schedule goes on: Allow runs it "
        "beside, Forbid leaves it out, Replace ends the older run.",
    )
    missed_runs: MissedRuns = Field(
        default=MissedRuns.LATEST,
        description="Ticks that the cluster could not start in time: Latest runs the last one, "
        "All each of them, oldest first, None leaves them out.",
    )
    missed_window_seconds: int | None = Field(
        default=None,
        ge=60,
        le=MISSED_WINDOW_SECONDS_MAX,
        description="How old a missed tick may be and still run; an hour if left out.",
    )


class Limits(Shape):
    """Bounds of each run."""

    timeout_seconds: int = Field(
        default=300, ge=1, le=86_400, description="A run that takes longer ends as timeout."
    )
    max_steps: int = Field(
        default=1_000_000, ge=1, le=1_000_000_000, description="Nodes that one run may execute."
    )
    concurrency: int = Field(
        default=64, ge=1, le=10_000, description="Runs at a time in one engine process."
    )
    max_event_bytes: int = Field(
        default=1_048_576,
        ge=1,
        le=10_485_760,
        description="Size of a webhook's body, or of a call's parameters, in bytes.",
    )


class DeploymentSpec(Shape):
    """What a deployment's owner wants."""

    pattern_ref: PatternRef = Field(description="The pattern to run; cannot be changed.")
    environment_ref: EnvironmentRef | None = Field(
        default=None, description="Whose variables and secrets the pattern's nodes find."
    )
    state: State = State.ACTIVE
    update_policy: UpdatePolicy = Field(
        default=UpdatePolicy.AUTOMATIC,
        description="Automatic: each change of the pattern that compiles goes live. "
        "OnRelease: only a new release does.",
    )
    release: Release | None = None
    repush: str = Field(
        default="", max_length=64, description="Any new value pushes the same program again."
    )
    version: int | None = Field(
        default=None,
        ge=1,
        le=2_147_483_647,
        description="Pins this version: a rollback. Nothing is compiled until it is taken away.",
    )
    node_definitions: NodeDefinitions = Field(
        default_factory=dict,
        description="By node type: declarative nodes, each an HTTP call, and views of the "
        "catalogue's nodes, which have no request.",
    )
    webhooks: tuple[WebhookSettings, ...] = Field(
        default=(), max_length=256, description="How senders sign; dragops where none is named."
    )
    schedules: tuple[ScheduleSettings, ...] = Field(
        default=(),
        max_length=256,
        description="When schedules tick, where it differs from what the pattern says.",
    )
    limits: Limits = Limits()
    retry: Retry = Retry()
    circuit_breaker: CircuitBreaker = CircuitBreaker()
    resume: str = Field(
        default="", max_length=64, description="Any new value closes a tripped circuit breaker."
    )


class ProgramStatus(Report):
    """Where the live program is kept."""

    config_map: str = Field(max_length=253, description="The ConfigMap that holds it.")
    digest: str = Field(max_length=64, description="sha256 over text and manifest.")


class VersionStatus(Report):
    """A version that can still be looked at."""

    number: int = Field(description="Counts up from 1; none is used twice.")
    config_map: str = Field(max_length=253, description="The ConfigMap that holds it.")
    digest: str = Field(max_length=64, description="sha256 over text and manifest.")
    created_at: str = Field(max_length=40, description="When it was compiled.")
    source: str | None = Field(
        default=None, max_length=64, description="Digest of what it was made from."
    )


class WebhookStatus(Report):
    """One webhook endpoint; its secret is in the Secret named here, under ``<nodeId>.secret``."""

    node_id: str = Field(max_length=63, description="The On Webhook node.")
    endpoint_id: str = Field(max_length=64, description="Names the endpoint in the API.")
    webhook_id: str = Field(max_length=70, description="The last part of the address.")
    alias: str = Field(max_length=63, description="The name that the node gives it.")
    url: str = Field(max_length=512, description="Where senders send to.")
    secret_name: str = Field(max_length=253, description="The Secret with the signing secret.")


class ScheduleStatus(Report):
    """One schedule and the CronJob that carries it."""

    node_id: str = Field(max_length=63, description="The On Schedule node.")
    cron_expression: str = Field(max_length=256, description="The rule, as it was written.")
    timezone: str = Field(max_length=64, description="The zone in which the rule is read.")
    cron_job: str = Field(max_length=253, description="The CronJob that ticks.")
    since: str = Field(
        default="", max_length=40, description="When this rule began; earlier ticks are not its."
    )


class EnvironmentInForce(Report):
    """The Environment that the engines were told to use."""

    name: str = Field(max_length=NAME_MAX, description="The Environment.")
    secret_name: str | None = Field(
        default=None, max_length=253, description="The Secret that engines may read for it."
    )


class ResumedStatus(Report):
    """The last resume that was obeyed."""

    value: str = Field(max_length=64, description="What spec.resume was.")
    at: str = Field(
        max_length=40, description="When; runs made before do not count for the circuit breaker."
    )


class DeploymentStatus(Report):
    """What the operator has made of a deployment."""

    observed_generation: int = Field(default=0, description="The generation that was dealt with.")
    state: Literal["pending", "active", "paused", "failed", "undeployed"] = Field(
        default="pending", description="What it is doing; failed: no version has compiled yet."
    )
    version_number: int | None = Field(default=None, description="The live version.")
    release: str | None = Field(
        default=None, max_length=64, description="The last release attempted, good or bad."
    )
    source: str | None = Field(
        default=None, max_length=64, description="Digest of what the live version was made from."
    )
    attempted_source: str | None = Field(
        default=None, max_length=64, description="Digest of the last source compiled, good or bad."
    )
    program: ProgramStatus | None = None
    triggers: tuple[TriggerStatus, ...] = Field(
        default=(), max_length=5000, description="The nodes of the live version that start runs."
    )
    webhooks: tuple[WebhookStatus, ...] = Field(
        default=(), max_length=256, description="Where webhooks are taken."
    )
    schedules: tuple[ScheduleStatus, ...] = Field(
        default=(), max_length=256, description="What ticks when."
    )
    environment: EnvironmentInForce | None = None
    confirmed_at: str | None = Field(
        default=None, max_length=40, description="When every engine had obeyed."
    )
    resumed: ResumedStatus | None = None
    serial: int = Field(default=0, description="Counts writes of the live ConfigMap.")
    versions: tuple[VersionStatus, ...] = Field(
        default=(), max_length=VERSIONS_KEPT, description="The newest versions, newest first."
    )
    conditions: tuple[Condition, ...] = Field(
        default=(), max_length=16, description="Ready: what the spec asks for holds."
    )


class PatternDeployment(Shape):
    """A PatternDeployment resource."""

    metadata: Metadata
    spec: DeploymentSpec
    status: DeploymentStatus

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "PatternDeployment":
        """Read a PatternDeployment as the API server gives it."""
        return cls(
            metadata=Metadata.of(raw["metadata"]),
            spec=DeploymentSpec.model_validate(raw["spec"]),
            status=DeploymentStatus.model_validate(raw.get("status", {})),
        )
