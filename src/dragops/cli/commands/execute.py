"""``dragops execute``: a run by hand, with an event of one's own."""

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import deployment_id
from dragops.cli.given import Event, read_event
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.running import run_to_end
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord

app = commands()


@command(app)
def execute(
    session: Session,
    deployment: DeploymentWord,
    event: Event = None,
    wait: Wait = True,
    timeout: Timeout = "5m",
) -> None:
    """Run a deployment now, and wait for the end."""
    body = {} if event is None else {"eventData": read_event(event)}
    id_, seconds = deployment_id(session.api, deployment), seconds_of(wait, timeout)
    run_to_end(session, f"/api/deployments/{part(id_)}/execute", body, seconds=seconds)
