"""``dragops rollback``: back to an earlier version."""

from typing import Annotated

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord, obeyed

app = commands()
VersionNumber = Annotated[
    int, typer.Argument(metavar="VERSION", min=1, help="One that `dragops versions` lists.")
]


@command(app)
def rollback(
    session: Session,
    deployment: DeploymentWord,
    version: VersionNumber,
    wait: Wait = True,
    timeout: Timeout = "60s",
) -> None:
    """Run an earlier version, and stay with it until the next deploy."""
    id_, seconds = deployment_id(session.api, deployment), seconds_of(wait, timeout)
    path = f"/api/deployments/{part(id_)}"
    data = obeyed(
        session,
        path,
        lambda: session.api.wait("POST", f"{path}/rollback", {"version": version}, seconds=seconds),
        state=None,
        seconds=seconds,
    )
    done = "runs" if data["status"] != "pending" else "will run"
    session.show.outcome(data, f"{id_} {done} version {version}.", name="deploymentId")
