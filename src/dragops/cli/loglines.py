"""Log lines of runs: which they are, and how they look."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dragops.cli.terminal import safe, safe_line
from dragops.cli.times import moment_of

_LEVELS = {"error": "red", "warn": "yellow", "warning": "yellow", "debug": "dim"}
Object = Mapping[str, Any]


def lines_of(run: Object) -> Iterator[dict[str, Any]]:
    """Give a run's log entries, each with the run's id; what failed a run is its last line."""
    for entry in run.get("logOutput") or ():
        yield {"runId": run["id"], **entry}
    if error := run.get("error"):
        yield {
            "runId": run["id"],
            "level": "error",
            "message": f"{error.get('type')}: {error.get('message')}",
            "nodeId": error.get("nodeId"),
            "at": run.get("completedAt"),
        }


def line_text(entry: Object, *, with_run: bool) -> Text:
    """Give an entry as a line: time, level, node, message; its further lines are indented."""
    moment = moment_of(entry.get("at"))
    level = safe_line(str(entry.get("level") or "info"))
    line = Text.assemble((f"{moment:%H:%M:%S.%f}"[:12] if moment else " " * 12, "dim"))
    if with_run:
        line.append(f" {safe_line(str(entry['runId']))}", style="cyan")
    line.append(f" {level:<5}", style=_LEVELS.get(level, ""))
    if node := entry.get("nodeId"):
        line.append(f" [{safe_line(str(node))}]", style="dim")
    message = safe(str(entry.get("message", ""))).replace("\n", "\n    ")
    return line.append(f" {message}")
