"""How a run ended, for the command's exit code, and waiting for the end."""

import time
from typing import Any, NoReturn

import typer

from dragops.cli.api import part
from dragops.cli.failures import Exit
from dragops.cli.output import find, plain
from dragops.cli.patience import wait_for
from dragops.cli.session import Session

UNFINISHED = {"accepted", "running"}
GOOD = {"completed", "skipped"}
Object = dict[str, Any]


def run_to_end(session: Session, path: str, body: object, *, seconds: float) -> NoReturn:
    """Ask for a run, wait for its end, tell it, and end the command as the run did."""
    began = time.monotonic()
    with session.waiting("waiting for the run's end"):
        answer = session.heed(session.api.wait("POST", path, body, seconds=seconds))
        data: Object = answer.data
        if data["status"] in UNFINISHED and seconds:
            data |= _ended(session, data["runId"], began + seconds)
    session.show.outcome(data, sentence_of(data), name="runId")
    raise typer.Exit(exit_of_status(data["status"]))


def _ended(session: Session, id_: str, until: float) -> Object:
    run = wait_for(
        lambda: session.api.get(f"/api/runs/{part(id_)}").data,
        lambda found: found["status"] not in UNFINISHED,
        until=until,
        what=f"{id_} has not ended",
    )
    return {"status": run["status"]} | ({"error": run["error"]} if run.get("error") else {})


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
