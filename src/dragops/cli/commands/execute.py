"""``dragops execute``: a run by hand, with an event of one's own."""

from typing import Annotated, Any

import typer

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import given_json
from dragops.cli.finding import deployment_id
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.running import run_to_end
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord
from dragops.errors import BadInput

app = commands()
Event = Annotated[
    str | None,
    typer.Option(
        "--event", "-e", help="The run's event as a JSON object; @FILE reads a file, - stdin."
    ),
]


@command(app)
def execute(
    session: Session,
    deployment: DeploymentWord,
    event: Event = None,
    wait: Wait = True,
    timeout: Timeout = "5m",
) -> None:
    """Run a deployment now, and wait for the end."""
    body = {} if event is None else {"eventData": _event(event)}
    id_, seconds = deployment_id(session.api, deployment), seconds_of(wait, timeout)
    run_to_end(session, f"/api/deployments/{part(id_)}/execute", body, seconds=seconds)


def _event(given: str) -> dict[str, Any]:
    event = given_json(given, "--event")
    if not isinstance(event, dict):
        raise BadInput("--event", 'is no JSON object, such as {"message": "hello"}')
    return event
