"""How a run ended, for the command's exit code, and waiting for the end."""

import time
from typing import Any

from dragops.cli.api import Answer, part
from dragops.cli.failures import Exit
from dragops.cli.output import find, plain
from dragops.cli.patience import wait_for
from dragops.cli.session import Session

UNFINISHED = {"accepted", "running"}
GOOD = {"completed", "skipped"}
Object = dict[str, Any]


def finished(session: Session, answer: Answer, seconds: float) -> Object:
    """Give an execution once its run has ended; OutOfTime when that takes too long."""
    data: Object = answer.data
    if data["status"] not in UNFINISHED or not seconds:
        return data
    path = f"/api/runs/{part(data['runId'])}"
    run = wait_for(
        lambda: session.api.get(path).data,
        lambda found: found["status"] not in UNFINISHED,
        until=time.monotonic() + seconds,
        what=f"{data['runId']} has not ended",
    )
    ended = {"runId": run["id"], "status": run["status"]}
    return ended | ({"error": run["error"]} if run.get("error") else {})


def exit_of_status(status: str) -> Exit:
    """Give the exit code of a run; one that goes on is no failure."""
    return Exit.OK if status in GOOD | UNFINISHED else Exit.FAILED


def sentence_of(data: Object) -> str:
    """Say how a run stands."""
    said = f"{data['runId']} {_WORDS.get(data['status'], plain(data['status']))}"
    if error := data.get("error"):
        said += f": {error.get('type')}: {error.get('message')}"
        if node := find(error, "nodeId"):
            said += f" (node {node}, line {error.get('line')})"
    return f"{said}; its log: dragops logs {data['runId']}"


_WORDS = {
    "accepted": "waits for its turn",
    "running": "is running",
    "timeout": "took too long",
    "dead_letter": "failed for good",
    "cancelled": "was cancelled",
}
