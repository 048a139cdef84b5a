"""Turns a deployment to another state, and waits until the engines have obeyed."""

import time
from typing import Annotated

import typer

from dragops.cli.api import part
from dragops.cli.failures import OutOfTime
from dragops.cli.finding import deployment_id
from dragops.cli.patience import wait_for
from dragops.cli.session import Session

DeploymentWord = Annotated[
    str, typer.Argument(metavar="DEPLOYMENT", help="A deployment's id, or its pattern's (pat_...).")
]


def turn(session: Session, word: str, action: str, *, state: str, seconds: float) -> None:
    """Ask for another state; ``state`` is the one that it ends in."""
    id_, until = deployment_id(session.api, word), time.monotonic() + seconds
    path = f"/api/deployments/{part(id_)}"
    with session.waiting(f"{action} {id_}: waiting for the engines"):
        answer = session.heed(session.api.wait("POST", f"{path}/{action}", seconds=seconds))
        data = answer.data
        if not answer.is_settled and seconds:
            settled = settled_deployment(session, path, state=state, until=until)
            data = data | {"status": settled["status"]}
    status = data["status"]
    said = f"{id_} is {status}." if answer.is_settled or seconds else f"{id_} will be {state}."
    session.show.outcome(data, said, name=id_)


def settled_deployment(
    session: Session, path: str, *, state: str, until: float
) -> dict[str, object]:
    """Wait until a deployment is in a state; OutOfTime when the time is up."""
    found: dict[str, object] = wait_for(
        lambda: session.api.get(path).data,
        lambda deployment: deployment["status"] in {state, "failed"},
        until=until,
        what="the engines have not confirmed it",
    )
    if found["status"] != state:
        raise OutOfTime(f"it is {found['status']}, not {state}: dragops doctor")
    return found
