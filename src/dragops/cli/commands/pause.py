"""``dragops pause``."""

from dragops.cli.command import command, commands
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord, turn

app = commands()


@command(app)
def pause(
    session: Session, deployment: DeploymentWord, wait: Wait = True, timeout: Timeout = "60s"
) -> None:
    """Stop triggers and runs until resumed."""
    turn(session, deployment, "pause", state="paused", seconds=seconds_of(wait, timeout))
