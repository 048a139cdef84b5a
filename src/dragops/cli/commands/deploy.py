"""``dragops deploy``: a stored pattern or a file, compiled and made live."""

import time
from typing import Annotated, Any

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import read_pattern
from dragops.cli.failures import OutOfTime
from dragops.cli.finding import pattern_id
from dragops.cli.output import plain
from dragops.cli.patience import Timeout, Wait, seconds_of, wait_for
from dragops.cli.session import Session
from dragops.cli.storing import store
from dragops.errors import BadInput

app = commands()
PatternWord = Annotated[
    str | None, typer.Argument(metavar="[PATTERN]", help="A pattern's id or name.")
]
File = Annotated[
    str | None,
    typer.Option("--file", "-f", help="A pattern's file, stored first; - is stdin."),
]


@command(app)
def deploy(
    session: Session,
    pattern: PatternWord = None,
    file: File = None,
    wait: Wait = True,
    timeout: Timeout = "60s",
) -> None:
    """Compile a pattern and make it live."""
    seconds = seconds_of(wait, timeout)
    id_ = _chosen(session, pattern, file)
    with session.waiting(f"deploying {id_}: waiting for the engines"):
        data = _deployed(session, id_, seconds)
    session.show.outcome(data, _sentence(data), name="deploymentId")


def _chosen(session: Session, pattern: str | None, file: str | None) -> str:
    if (pattern is None) == (file is None):
        raise BadInput("deploy", "name a pattern, or a file with --file")
    if pattern is not None:
        return pattern_id(session.api, pattern)
    stored, was_new = store(session, read_pattern(file or "-"))
    session.note(f"Pattern {stored['id']} {'created' if was_new else 'updated'}.")
    return str(stored["id"])


def _deployed(session: Session, id_: str, seconds: float) -> dict[str, Any]:
    path, until = f"/api/patterns/{part(id_)}", time.monotonic() + seconds
    body: dict[str, object] = {"nodeDefinitions": {}}
    answer = session.heed(session.api.wait("POST", f"{path}/deploy", body, seconds=seconds))
    data: dict[str, Any] = answer.data
    if answer.is_settled or not seconds:
        return data
    status = wait_for(
        lambda: session.api.get(f"{path}/deployment").data,
        lambda deployment: deployment["status"] in {"active", "failed"},
        until=until,
        what="the engines have not confirmed it",
    )
    if status["status"] == "failed":
        raise OutOfTime(f"{data['deploymentId']} failed; to see why: dragops doctor")
    return data | {"status": status["status"]}


def _sentence(data: dict[str, Any]) -> str:
    triggers = plain([f"{t['type']} ({t['nodeId']})" for t in data.get("triggers", ())])
    state = "is live" if data["status"] == "active" else f"is {data['status']}"
    return f"{data['deploymentId']} {state}; triggers: {triggers or 'none'}."
