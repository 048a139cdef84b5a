"""Changes a deployment, and waits until the engines have obeyed, also past the API's patience."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from dragops.cli.api import Answer, part
from dragops.cli.failures import CallRefused, Undone
from dragops.cli.finding import deployment_id
from dragops.cli.patience import wait_for
from dragops.cli.session import Session

DeploymentWord = Annotated[
    str, typer.Argument(metavar="DEPLOYMENT", help="A deployment's id, or its pattern's (pat_...).")
]
Object = dict[str, Any]


def turn(
    session: Session, word: str, action: str, *, state: str | None = None, seconds: float
) -> None:
    """Ask for a change; ``state`` is the one that it ends in, None whatever it was."""
    id_ = deployment_id(session.api, word)
    path = f"/api/deployments/{part(id_)}"
    data = obeyed(
        session,
        path,
        lambda: session.api.wait("POST", f"{path}/{action}", seconds=seconds),
        state=state,
        seconds=seconds,
    )
    session.show.outcome(data, state_sentence(id_, data["status"], state), name=id_)


def obeyed(
    session: Session,
    path: str,
    change: Callable[[], Answer],
    *,
    state: str | None,
    seconds: float,
) -> Object:
    """Change the deployment at ``path`` and give the answer's data, with the state that holds."""
    until = time.monotonic() + seconds
    with session.waiting("waiting for the engines"):
        before = _confirmed_at(session, path)
        answer = session.heed(change())
        data: Object = answer.data
        if answer.is_settled or not seconds:
            return data
        now = wait_for(
            lambda: session.api.get(path).data,
            lambda deployment: _is_settled(deployment, state, before),
            until=until,
            what="the engines have not confirmed it",
        )
    if now["status"] == "failed":
        raise Undone("it failed; to see why: dragops doctor, or kubectl describe pdep")
    return data | {key: now[key] for key in ("status", "versionNumber") if key in data}


def state_sentence(id_: str, status: str, state: str | None) -> str:
    """Say how a deployment stands after it was asked for a change."""
    if status != "pending":
        return f"{id_} is {status}."
    if state is None:
        return f"{id_} waits for the engines."
    return f"{id_} will be {state} once the engines have obeyed."


def _confirmed_at(session: Session, path: str) -> object:
    try:
        return session.api.get(path).data.get("confirmedAt")
    except CallRefused as exc:
        # a first deploy; for all else the change itself says so
        if exc.status != 404:
            raise
        return None


def _is_settled(deployment: Object, state: str | None, before: object) -> bool:
    """Say whether the engines have confirmed something newer: the state alone is the wish."""
    confirmed, status = deployment["confirmedAt"], deployment["status"]
    is_new = confirmed != before or (confirmed is None and state == "undeployed")
    return status == "failed" or (is_new and state in {None, status})
