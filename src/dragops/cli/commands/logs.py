"""``dragops logs``: what a run, or the runs of a deployment, have written."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.following import RUNS_MAX, Follower
from dragops.cli.loglines import line_text, lines_of
from dragops.cli.options import Format
from dragops.cli.patience import looks
from dragops.cli.running import UNFINISHED
from dragops.cli.session import Session
from dragops.cli.terminal import out_console
from dragops.errors import BadInput

app = commands()
Run = dict[str, Any]


class Level(StrEnum):
    """How much a line matters, from the least."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


_ORDER = [*Level]
Word = Annotated[
    str, typer.Argument(metavar="RUN|DEPLOYMENT", help="A run, or a deployment for its runs.")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as more runs end.")]
Runs = Annotated[
    int, typer.Option("--runs", min=0, help="Of the newest runs, so many to begin with.")
]
LevelOption = Annotated[Level, typer.Option("--level", help="Lines that matter at least so much.")]


@command(app)
def logs(
    session: Session,
    word: Word,
    follow: Follow = False,
    runs: Runs = 10,
    level: LevelOption = Level.DEBUG,
) -> None:
    """Show what runs have written.

    A run hands its log in when it ends, so a run that goes on has none yet: --follow waits for it.
    With -o json each line is an object.
    """
    if session.format in {Format.NAME, Format.YAML}:
        raise BadInput("--output", f"{session.format}: log lines are shown as table or json")
    is_run = word.startswith("run_")
    if is_run:
        found = _run(session, word, follow=follow)
    else:
        found = _of_deployment(session, deployment_id(session.api, word), follow=follow, runs=runs)
    for run in found:
        _show(session, run, level, with_run=not is_run)


def _run(session: Session, id_: str, *, follow: bool) -> Iterator[Run]:
    path = f"/api/runs/{part(id_)}"
    for _ in looks(float("inf")):
        run: Run = session.api.get(path).data
        if not _has_ended(run) and not follow:
            session.note(f"{id_} has not ended: its log comes with its end; wait with --follow")
        if _has_ended(run) or not follow:
            yield run
            return


def _of_deployment(session: Session, id_: str, *, follow: bool, runs: int) -> Iterator[Run]:
    path = f"/api/deployments/{part(id_)}/runs"
    # what a follower would find when it looks for the first time is known, or shown
    known = session.api.pages(path, {}, max(runs, RUNS_MAX) if follow else runs)
    newest = known[:runs]
    yield from (run for run in reversed(newest) if not follow or _has_ended(run))
    if follow:
        told = {run["id"] for run in known if _has_ended(run)}
        yield from Follower(session, id_, told).runs()


def _has_ended(run: Run) -> bool:
    return run["status"] not in UNFINISHED


def _show(session: Session, run: Run, level: Level, *, with_run: bool) -> None:
    console = out_console()
    for entry in lines_of(run):
        if entry.get("level") in _ORDER[: _ORDER.index(level)]:
            continue
        if session.format is Format.JSON:
            session.show.text(json.dumps(entry, ensure_ascii=True))
        else:
            console.print(line_text(entry, with_run=with_run), soft_wrap=True)
    sys.stdout.flush()
