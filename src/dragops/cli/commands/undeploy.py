"""``dragops undeploy``."""

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import pattern_id
from dragops.cli.options import PatternWord
from dragops.cli.patience import Timeout, Wait, seconds_of
from dragops.cli.session import Session
from dragops.cli.turning import obeyed, state_sentence

app = commands()


@command(app)
def undeploy(
    session: Session, pattern: PatternWord, wait: Wait = True, timeout: Timeout = "60s"
) -> None:
    """Stop every trigger of a pattern; runs and URLs stay."""
    id_, seconds = pattern_id(session.api, pattern), seconds_of(wait, timeout)
    path = f"/api/patterns/{part(id_)}"
    data = obeyed(
        session,
        f"{path}/deployment",
        lambda: session.api.wait("DELETE", f"{path}/deploy", seconds=seconds),
        state="undeployed",
        seconds=seconds,
    )
    session.show.outcome(data, state_sentence(id_, data["status"], "undeployed"), name=id_)
