"""``dragops runs``: listed and read."""

from enum import StrEnum
from typing import Annotated

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord

app = commands("List and read runs.")


class Status(StrEnum):
    """The states of a run."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    DEAD_LETTER = "dead_letter"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"


class Trigger(StrEnum):
    """What starts runs."""

    WEBHOOK = "webhook"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    PATTERN = "pattern"
    EMAIL = "email"


StatusOption = Annotated[Status | None, typer.Option("--status", help="Only those in this state.")]
By = Annotated[Trigger | None, typer.Option("--by", help="Only those that this has started.")]
Newest = Annotated[int, typer.Option("--limit", "-l", min=1, help="At most so many.")]
RunWord = Annotated[str, typer.Argument(metavar="RUN", help="A run's id (run_...).")]


@command(app, "list")
def list_runs(
    session: Session,
    deployment: DeploymentWord,
    status: StatusOption = None,
    by: By = None,
    limit: Newest = 20,
) -> None:
    """List a deployment's runs, newest first."""
    id_ = deployment_id(session.api, deployment)
    query = {"status": status, "triggeredBy": by}
    items = session.api.pages(f"/api/deployments/{part(id_)}/runs", query, limit)
    session.show.rows(items, shown.RUNS, name="id", none="There are no runs.")


@command(app, "get")
def get_run(session: Session, run: RunWord) -> None:
    """Show one run with its event; its log is shown by `dragops logs`."""
    data = session.api.get(f"/api/runs/{part(run)}").data
    session.show.details(data, shown.RUN, name="id")
