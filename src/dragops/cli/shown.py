"""The tables and pages of each kind of thing: which fields, under which headings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dragops.cli.output import Column, aged, lasting, plain, timed


def _triggers(value: Any, _: datetime) -> str:
    return ", ".join(f"{t.get('type')} ({t.get('nodeId')})" for t in value or ())


def _trigger_types(value: Any, _: datetime) -> str:
    return ", ".join(dict.fromkeys(str(t.get("type")) for t in value or ()))


def _last_run(value: Any, now: datetime) -> str:
    if not isinstance(value, Mapping):
        return ""
    column = aged("", "startedAt")
    ago = column.show(value.get("startedAt"), now)
    return f"{value.get('status')} {ago} ago" if ago else plain(value.get("status"))


def _error(value: Any, _: datetime) -> str:
    if not isinstance(value, Mapping):
        return ""
    place = f" at node {value['nodeId']}" if value.get("nodeId") else ""
    place += f", line {value['line']}" if value.get("line") else ""
    return f"{value.get('type')}: {value.get('message')}{place}"


def _count(value: Any, _: datetime) -> str:
    return str(len(value)) if isinstance(value, list) else ""


PATTERNS = (
    Column("ID", "id"),
    Column("NAME", "name", folds=True),
    Column("TAGS", "tags", folds=True),
    aged("UPDATED", "updatedAt"),
    aged("AGE", "createdAt", is_wide=True),
    Column("PUBLIC", "isPublic", is_wide=True),
    Column("TEMPLATE", "isTemplate", is_wide=True),
    Column("DESCRIPTION", "description", is_wide=True, folds=True),
)
PATTERN = (
    Column("Id", "id"),
    Column("Name", "name"),
    Column("Description", "description"),
    Column("Tags", "tags"),
    Column("Public", "isPublic"),
    Column("Template", "isTemplate"),
    Column("Live version", "versionNumber"),
    Column("Nodes", "graphData.nodes", _count),
    Column("Wires", "graphData.edges", _count),
    Column("Variables", "graphData.variables", _count),
    timed("Created", "createdAt"),
    timed("Updated", "updatedAt"),
)
DEPLOYMENTS = (
    Column("ID", "id"),
    Column("PATTERN", "patternName", folds=True),
    Column("STATUS", "status"),
    Column("TRIGGERS", "triggers", _trigger_types, folds=True),
    Column("RUNS", "totalRuns"),
    Column("LAST RUN", "lastRun", _last_run),
    aged("AGE", "createdAt"),
    Column("PATTERN ID", "patternId", is_wide=True),
    aged("UPDATED", "updatedAt", is_wide=True),
    lasting("LAST TOOK", "lastRun.durationMs", is_wide=True),
)
DEPLOYMENT = (
    Column("Id", "id"),
    Column("Pattern", "patternName"),
    Column("Pattern id", "patternId"),
    Column("Status", "status"),
    Column("Version", "versionNumber"),
    Column("Triggers", "triggers", _triggers),
    Column("Webhooks", "webhookEndpoints", _count),
    timed("Confirmed", "confirmedAt"),
    timed("Created", "createdAt"),
    timed("Updated", "updatedAt"),
)
RUNS = (
    Column("ID", "id"),
    Column("STATUS", "status"),
    Column("BY", "triggeredBy"),
    aged("STARTED", "startedAt"),
    lasting("TOOK", "durationMs"),
    Column("VERSION", "versionNumber"),
    Column("ERROR", "error", _error, folds=True),
    Column("DEPLOYMENT", "deploymentId", is_wide=True),
    Column("ATTEMPT", "attempt", is_wide=True),
    Column("LINES", "logOutput", _count, is_wide=True),
)
RUN = (
    Column("Id", "id"),
    Column("Deployment", "deploymentId"),
    Column("Status", "status"),
    Column("Triggered by", "triggeredBy"),
    Column("Called by", "parentRunId"),
    Column("Attempt", "attempt"),
    Column("Version", "versionNumber"),
    timed("Started", "startedAt"),
    timed("Completed", "completedAt"),
    lasting("Took", "durationMs"),
    Column("Error", "error", _error),
    Column("Error message", "errorMessage"),
    Column("Event", "eventData"),
    Column("Log lines", "logOutput", _count),
)
VERSIONS = (
    Column("VERSION", "number"),
    Column("LIVE", "live"),
    Column("PINNED", "pinned"),
    aged("AGE", "createdAt"),
    Column("DIGEST", "digest", lambda value, _: plain(value)[:12]),
)
ENVIRONMENTS = (
    Column("ID", "id"),
    Column("NAME", "name", folds=True),
    Column("READY", "ready"),
    Column("WHY", "message", folds=True),
    aged("AGE", "createdAt"),
    aged("UPDATED", "updatedAt", is_wide=True),
)
ENVIRONMENT = (
    Column("Id", "id"),
    Column("Name", "name"),
    Column("Ready", "ready"),
    Column("Why", "message"),
    Column("Secrets", "secrets"),
    timed("Created", "createdAt"),
    timed("Updated", "updatedAt"),
)
CAPTURED = (
    aged("AGE", "capturedAt"),
    Column("NODE", "nodeId"),
    Column("EVENT", "eventData", folds=True),
    Column("ENDPOINT", "endpointId", is_wide=True),
)
TIMELINE = (
    Column("NODE", "nodeId"),
    timed("STARTED", "startedAt"),
    lasting("TOOK", "durationMs"),
)
STATS = (
    Column("Period", "period"),
    timed("Since", "since"),
    Column("Runs", "runs"),
    Column("Completed", "completed"),
    Column("Failures", "failures"),
    Column("Success rate", "successRate", lambda value, _: "" if value is None else f"{value} %"),
    Column("Unfinished now", "unfinished"),
    lasting("Average", "durations.averageMs"),
    lasting("Half within", "durations.p50Ms"),
    lasting("95 % within", "durations.p95Ms"),
)
BY_TRIGGER = (
    Column("STARTED BY", "triggeredBy"),
    Column("RUNS", "runs"),
    Column("COMPLETED", "completed"),
    Column("FAILURES", "failures"),
    lasting("AVERAGE", "durations.averageMs"),
    lasting("95 % WITHIN", "durations.p95Ms"),
)
WEBHOOKS = (
    Column("ID", "id"),
    Column("NODE", "nodeId"),
    Column("ALIAS", "webhookAlias"),
    Column("URL", "webhookUrl", folds=True),
    Column("SECRET", "webhookSecret", lambda value, _: "hidden" if value else "not for you"),
    Column("WEBHOOK ID", "webhookId", is_wide=True),
)
