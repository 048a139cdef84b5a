"""``dragops resume``."""

from dragops.cli.command import command, commands
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.turning import DeploymentWord, turn

app = commands()


@command(app)
def resume(
    session: Session, deployment: DeploymentWord, wait: Wait = True, timeout: Timeout = "60s"
) -> None:
    """Let a paused deployment go on."""
    turn(session, deployment, "resume", state="active", seconds=seconds_of(wait, timeout))
