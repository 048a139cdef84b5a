"""``dragops logs``: what a run, or the runs of a deployment, have written."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.loglines import line_text, lines_of
from dragops.cli.options import Format
from dragops.cli.patience import looks
from dragops.cli.running import UNFINISHED
from dragops.cli.session import Session
from dragops.cli.terminal import out_console
from dragops.errors import BadInput

app = commands()
Word = Annotated[
    str, typer.Argument(metavar="RUN|DEPLOYMENT", help="A run, or a deployment for its runs.")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is written.")]
Runs = Annotated[
    int, typer.Option("--runs", min=0, help="Of the newest runs, so many to begin with.")
]
FOLLOWED_RUNS = 100
"""Between two looks at a deployment not more runs than this are found."""
Run = dict[str, Any]


@command(app)
def logs(session: Session, word: Word, follow: Follow = False, runs: Runs = 10) -> None:
    """Show what runs have written."""
    if session.format in {Format.NAME, Format.YAML}:
        raise BadInput("--output", f"{session.format}: log lines are shown as table or json")
    if word.startswith("run_"):
        found = _run(session, word, follow=follow)
    else:
        found = _of_deployment(session, deployment_id(session.api, word), follow=follow, runs=runs)
    for run in found:
        _show(session, run, with_run=not word.startswith("run_"))


def _run(session: Session, id_: str, *, follow: bool) -> Iterator[Run]:
    path = f"/api/runs/{part(id_)}"
    for _ in looks(float("inf")):
        run: Run = session.api.get(path).data
        # an engine hands the log in with the end of the run
        if run["status"] not in UNFINISHED or not follow:
            yield run
            return


def _of_deployment(session: Session, id_: str, *, follow: bool, runs: int) -> Iterator[Run]:
    path = f"/api/deployments/{part(id_)}/runs"
    began = session.api.pages(path, {}, runs) if runs else []
    yield from (run for run in reversed(began) if run["status"] not in UNFINISHED or not follow)
    if follow:
        yield from _later(session, path, {run["id"] for run in began if not _goes_on(run)})


def _later(session: Session, path: str, told: set[str]) -> Iterator[Run]:
    while True:
        newest = session.api.pages(path, {}, FOLLOWED_RUNS)
        for run in reversed(newest):
            if run["id"] not in told and not _goes_on(run):
                told.add(run["id"])
                yield run
        time.sleep(1.0)


def _goes_on(run: Run) -> bool:
    return run["status"] in UNFINISHED


def _show(session: Session, run: Run, *, with_run: bool) -> None:
    console = out_console()
    for entry in lines_of(run):
        if session.format is Format.JSON:
            session.show.text(json.dumps(entry, ensure_ascii=True))
        else:
            console.print(line_text(entry, with_run=with_run), soft_wrap=True)
    sys.stdout.flush()
