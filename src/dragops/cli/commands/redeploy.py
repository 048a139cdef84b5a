"""``dragops redeploy``."""

from dragops.cli.command import command, commands
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord, turn

app = commands()


@command(app)
def redeploy(
    session: Session, deployment: DeploymentWord, wait: Wait = True, timeout: Timeout = "60s"
) -> None:
    """Push the live program to the engines again."""
    turn(session, deployment, "redeploy", seconds=seconds_of(wait, timeout))
