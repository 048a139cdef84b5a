"""``dragops deployments``: listed, read, deleted."""

from enum import StrEnum
from typing import Annotated

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.options import AllWorkspaces, Limit, Yes
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord

app = commands("List, read and delete deployments.")


class Status(StrEnum):
    """The states of a deployment."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILED = "failed"
    PENDING = "pending"
    UNDEPLOYED = "undeployed"


StatusOption = Annotated[Status | None, typer.Option("--status", help="Only those in this state.")]


@command(app, "list")
def list_deployments(
    session: Session,
    status: StatusOption = None,
    all_workspaces: AllWorkspaces = False,
    limit: Limit = None,
) -> None:
    """List deployments, newest first, each with its last run."""
    api = session.api_of(every_workspace=all_workspaces)
    items = api.pages("/api/deployments", {"status": status}, limit)
    session.show.rows(items, shown.DEPLOYMENTS, name="id", none="There are no deployments.")


@command(app, "get")
def get_deployment(session: Session, deployment: DeploymentWord) -> None:
    """Show one deployment with everything about it."""
    id_ = deployment_id(session.api, deployment)
    data = session.api.get(f"/api/deployments/{part(id_)}").data
    session.show.details(data, shown.DEPLOYMENT, name="id")


@command(app, "delete")
def delete_deployment(session: Session, deployment: DeploymentWord, yes: Yes = False) -> None:
    """Delete a deployment and all of its runs; its webhook URLs are gone for good."""
    id_ = deployment_id(session.api, deployment)
    session.confirm(f"Delete {id_} with all of its runs and webhook URLs?", yes=yes)
    with session.waiting(f"deleting {id_}"):
        answer = session.heed(session.api.call("DELETE", f"/api/deployments/{part(id_)}"))
    session.show.outcome(answer.data, f"{id_} is deleted.", name="id")
