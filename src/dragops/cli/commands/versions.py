"""``dragops versions``: what a deployment has run, and the programs."""

from typing import Annotated

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord

app = commands()
Program = Annotated[
    int | None, typer.Option("--program", min=1, help="Show the program of this version.")
]


@command(app)
def versions(session: Session, deployment: DeploymentWord, program: Program = None) -> None:
    """List the versions of a deployment, or show the program of one."""
    path = f"/api/deployments/{part(deployment_id(session.api, deployment))}/versions"
    if program is None:
        items = session.api.pages(path, {}, None)
        session.show.rows(items, shown.VERSIONS, name="number", none="There are no versions.")
        return
    data = session.api.get(f"{path}/{program}/program").data
    if session.show.is_for_people:
        session.show.passage(data["text"])
    else:
        session.show.outcome(data, "", name="number")
