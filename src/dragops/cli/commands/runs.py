"""``dragops runs``: listed, summed up, read, repeated, cancelled."""

from enum import StrEnum
from typing import Annotated

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.failures import OutOfTime
from dragops.cli.finding import deployment_id
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.running import run_to_end
from dragops.cli.session import Session
from dragops.cli.times import duration_of, moment_of
from dragops.cli.turning import DeploymentWord
from dragops.model.run import RunStatus, TriggeredBy, iso

app = commands("List, read, repeat and cancel runs.")


class Period(StrEnum):
    """How far back statistics go."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


StatusOption = Annotated[
    RunStatus | None, typer.Option("--status", help="Only those in this state.")
]
By = Annotated[TriggeredBy | None, typer.Option("--by", help="Only those that this has started.")]
Newest = Annotated[int, typer.Option("--limit", "-l", min=1, help="At most so many.")]
Since = Annotated[
    str | None,
    typer.Option("--since", help="Made since then: 2h, 7d, or an ISO 8601 time."),
]
Until = Annotated[str | None, typer.Option("--until", help="Made before then, in the same words.")]
PeriodOption = Annotated[Period, typer.Option("--period", help="How far back.")]
RunWord = Annotated[str, typer.Argument(metavar="RUN", help="A run's id (run_...).")]


@command(app, "list")
def list_runs(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    deployment: DeploymentWord,
    status: StatusOption = None,
    by: By = None,
    since: Since = None,
    until: Until = None,
    limit: Newest = 20,
) -> None:
    """List a deployment's runs, newest first."""
    id_ = deployment_id(session.api, deployment)
    query = {
        "status": status,
        "triggeredBy": by,
        "since": _moment(session, since, "--since"),
        "until": _moment(session, until, "--until"),
    }
    items = session.api.pages(f"/api/deployments/{part(id_)}/runs", query, limit)
    session.show.rows(items, shown.RUNS, name="id", none="There are no runs.")


@command(app, "get")
def get_run(session: Session, run: RunWord) -> None:
    """Show one run with its event; its log is shown by `dragops logs`."""
    data = session.api.get(f"/api/runs/{part(run)}").data
    session.show.details(data, shown.RUN, name="id")
    if session.show.is_for_people and data.get("timeline"):
        session.show.text("")
        session.show.rows(data["timeline"], shown.TIMELINE, name=None, none="")


@command(app, "stats")
def sum_up_runs(
    session: Session, deployment: DeploymentWord, period: PeriodOption = Period.DAY
) -> None:
    """Sum up the runs of a period: how many, how well, how long."""
    id_ = deployment_id(session.api, deployment)
    data = session.api.get(f"/api/deployments/{part(id_)}/runs/stats", {"period": period}).data
    session.show.details(data, shown.STATS, name=None)
    if session.show.is_for_people and data["byTrigger"]:
        session.show.text("")
        session.show.rows(data["byTrigger"], shown.BY_TRIGGER, name=None, none="")


@command(app, "retry")
def retry_run(session: Session, run: RunWord, wait: Wait = True, timeout: Timeout = "5m") -> None:
    """Run the event of a run that has ended again, and wait for the end."""
    run_to_end(session, f"/api/runs/{part(run)}/retry", None, seconds=seconds_of(wait, timeout))


@command(app, "cancel")
def cancel_run(session: Session, run: RunWord, wait: Wait = True, timeout: Timeout = "30s") -> None:
    """Stop a run that waits or goes on."""
    seconds = seconds_of(wait, timeout)
    path = f"/api/runs/{part(run)}/cancel"
    answer = session.heed(session.api.wait("POST", path, seconds=seconds))
    data = answer.data
    is_cancelled = data["status"] == "cancelled"
    if is_cancelled and not data["stopped"]:
        session.note("No engine had it: it is recorded as cancelled, and may still go on.")
    said = "is cancelled" if is_cancelled else "was told to stop and still goes on"
    session.show.outcome(data, f"{run} {said}.", name="runId")
    if seconds and not is_cancelled:
        raise OutOfTime(f"{run} has not stopped in time; it goes on by itself")


def _moment(session: Session, text: str | None, name: str) -> str | None:
    if text is None:
        return None
    if moment_of(text):
        return text
    return iso(session.clock() - duration_of(text, name))
