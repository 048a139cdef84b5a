"""``dragops undeploy``."""

import time

from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.finding import pattern_id
from dragops.cli.options import PatternWord
from dragops.cli.patience import Timeout, Wait, seconds_of, wait_for
from dragops.cli.session import Session

app = commands()


@command(app)
def undeploy(
    session: Session, pattern: PatternWord, wait: Wait = True, timeout: Timeout = "60s"
) -> None:
    """Stop every trigger of a pattern; runs and URLs stay."""
    id_, seconds = pattern_id(session.api, pattern), seconds_of(wait, timeout)
    path, until = f"/api/patterns/{part(id_)}", time.monotonic() + seconds
    with session.waiting(f"undeploying {id_}: waiting for the engines"):
        answer = session.heed(session.api.wait("DELETE", f"{path}/deploy", seconds=seconds))
        data = answer.data
        if not answer.is_settled and seconds:
            data = wait_for(
                lambda: session.api.get(f"{path}/deployment").data,
                lambda deployment: deployment["status"] == "undeployed",
                until=until,
                what="the engines have not confirmed it",
            )
    done = answer.is_settled or seconds
    session.show.outcome(data, f"{id_} is {'' if done else 'being '}undeployed.", name=id_)
