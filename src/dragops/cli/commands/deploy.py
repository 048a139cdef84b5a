"""``dragops deploy``: a stored pattern or a file, compiled and made live."""

from typing import Annotated, Any

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import read_pattern
from dragops.cli.finding import find_environment, pattern_id
from dragops.cli.output import plain
from dragops.cli.packs import PackFiles, as_json, read_packs
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.storing import existing_id, store
from dragops.cli.turning import obeyed
from dragops.cli.verdicts import check_file, show_preview
from dragops.errors import BadInput
from dragops.model.declared import Declared

app = commands()
OptionalPattern = Annotated[
    str | None, typer.Argument(metavar="PATTERN", help="A pattern's id or name.")
]
File = Annotated[
    str | None,
    typer.Option("--file", "-f", help="A pattern's file, stored first; - is stdin."),
]
Env = Annotated[
    str | None,
    typer.Option("--env", help="The Environment to run with, by id or name; else as before."),
]
NoEnv = Annotated[bool, typer.Option("--no-env", help="Run without any Environment from now on.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would happen; nothing is written.")
]


@command(app)
def deploy(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    pattern: OptionalPattern = None,
    file: File = None,
    env: Env = None,
    no_env: NoEnv = False,
    pack: PackFiles = None,
    dry_run: DryRun = False,
    wait: Wait = True,
    timeout: Timeout = "60s",
) -> None:
    """Compile a pattern and make it live."""
    if (pattern is None) == (file is None):
        raise BadInput("deploy", "name a pattern, or a file with --file")
    declared = read_packs(pack)
    body = _body(session, env, no_env=no_env) | {"nodeDefinitions": as_json(declared)}
    if dry_run:
        _preview(session, pattern, file, body, declared)
        return
    seconds = seconds_of(wait, timeout)
    path = f"/api/patterns/{part(_stored(session, pattern, file))}"
    data = obeyed(
        session,
        f"{path}/deployment",
        lambda: session.api.wait("POST", f"{path}/deploy", body, seconds=seconds),
        state="active",
        seconds=seconds,
    )
    session.show.outcome(data, _sentence(data), name="deploymentId")


def _body(session: Session, env: str | None, *, no_env: bool) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if no_env and env is not None:
        raise BadInput("--no-env", "cannot be given together with --env")
    # left out, it stays what it was
    if no_env:
        body["environmentId"] = None
    elif env is not None:
        body["environmentId"] = find_environment(session.api, env)["id"]
    return body


def _stored(session: Session, pattern: str | None, file: str | None) -> str:
    if pattern is not None:
        return pattern_id(session.api, pattern)
    stored, was_new = store(session, read_pattern(file or "-"))
    session.note(f"Pattern {stored['id']} {'created' if was_new else 'updated'}.")
    return str(stored["id"])


def _preview(
    session: Session,
    pattern: str | None,
    file: str | None,
    body: dict[str, Any],
    declared: Declared,
) -> None:
    if pattern is None:
        found = read_pattern(file or "-")
        check_file(session, found, existing_id(session.api, found), declared)
        return
    id_ = pattern_id(session.api, pattern)
    path = f"/api/patterns/{part(id_)}/deploy"
    show_preview(session, session.api.call("POST", path, body, query={"dryRun": True}).data)


def _sentence(data: dict[str, Any]) -> str:
    triggers = plain([f"{t['type']} ({t['nodeId']})" for t in data.get("triggers", ())])
    state = "is live" if data["status"] == "active" else f"is {data['status']}"
    if data["status"] == "active" and data.get("versionNumber"):
        state += f" as version {data['versionNumber']}"
    return f"{data['deploymentId']} {state}; triggers: {triggers or 'none'}."
