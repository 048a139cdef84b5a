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
    Column("LINES", "logOutput", _count, is_wide=True),
)
RUN = (
    Column("Id", "id"),
    Column("Deployment", "deploymentId"),
    Column("Status", "status"),
    Column("Triggered by", "triggeredBy"),
    Column("Version", "versionNumber"),
    timed("Started", "startedAt"),
    timed("Completed", "completedAt"),
    lasting("Took", "durationMs"),
    Column("Error", "error", _error),
    Column("Error message", "errorMessage"),
    Column("Event", "eventData"),
    Column("Log lines", "logOutput", _count),
)
WEBHOOKS = (
    Column("ID", "id"),
    Column("NODE", "nodeId"),
    Column("ALIAS", "webhookAlias"),
    Column("URL", "webhookUrl", folds=True),
    Column("SECRET", "webhookSecret", lambda value, _: "hidden" if value else "not for you"),
    Column("WEBHOOK ID", "webhookId", is_wide=True),
)
