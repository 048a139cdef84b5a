"""``dragops schedule``: another cron expression for a deployment."""

from typing import Annotated

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.times import told
from dragops.cli.turning import DeploymentWord, obeyed

app = commands()
Cron = Annotated[
    str,
    typer.Argument(
        metavar="CRON", help="'0 9 * * 1-5', 6 fields with the second first, or @daily."
    ),
]
Timezone = Annotated[str, typer.Option("--timezone", help="An IANA zone: Europe/Berlin.")]
Node = Annotated[
    str | None, typer.Option("--node", help="The On Schedule node, where there are several.")
]


@command(app)
def schedule(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    deployment: DeploymentWord,
    cron: Cron,
    timezone: Timezone = "UTC",
    node: Node = None,
    wait: Wait = True,
    timeout: Timeout = "60s",
) -> None:
    """Change the cron expression of a schedule."""
    id_, seconds = deployment_id(session.api, deployment), seconds_of(wait, timeout)
    path = f"/api/deployments/{part(id_)}"
    body = {"cronExpression": cron, "timezone": timezone} | ({"nodeId": node} if node else {})
    data = obeyed(
        session,
        path,
        lambda: session.api.wait("PUT", f"{path}/schedule", body, seconds=seconds),
        state=None,
        seconds=seconds,
    )
    said = f"{id_} ticks by {data['cronExpression']} ({data['timezone']})."
    session.show.outcome(data, said, name=id_)
    if session.show.is_for_people:
        for moment in data["nextRuns"]:
            session.show.text(f"  {told(moment, session.clock())}")
