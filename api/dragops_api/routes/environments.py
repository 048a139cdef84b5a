"""Environments: made, listed, read, changed, deleted; secret values only ever go in."""

from fastapi import APIRouter, Response

from dragops_api.changes import Outcome
from dragops_api.deps import Asking, EnvironmentId, IfMatch, Pages, Wait, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.environments import etag_of
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.environments import (
    EnvironmentDeleted,
    EnvironmentIn,
    EnvironmentItem,
    EnvironmentOut,
    item_of,
)
from dragops_api.view import Object

router = APIRouter(prefix="/api/environments", tags=["Environments"], route_class=GuardedRoute)
_MISSING = ("ENVIRONMENT_NOT_FOUND", "CONFLICT")


@router.get("", responses=answers(like="list_environments"))
async def list_environments(
    ask: Asking, parts: Wired, paging: Pages
) -> ListAnswer[EnvironmentItem]:
    """List the workspace's Environments, newest first."""
    found = parts.environments.listed(ask)
    items = [EnvironmentItem(**item_of(obj)) for obj in paging.cut(found)]
    return ListAnswer[EnvironmentItem].of(items, paging.meta(len(found)))


@router.post(
    "", status_code=201, responses=answers(*BODY, like="create_environment", ok=201, later=True)
)
async def create_environment(
    body: EnvironmentIn, ask: Asking, parts: Wired, response: Response, wait: Wait = 30
) -> Answer[EnvironmentOut]:
    """Store a new Environment; secrets are kept in a Secret of its own."""
    return _answer(await parts.environments.create(ask, body, wait=wait), response)


@router.get("/{environment_id}", responses=answers(*_MISSING[:1], like="get_environment"))
async def get_environment(
    environment_id: EnvironmentId, ask: Asking, parts: Wired, response: Response
) -> Answer[EnvironmentOut]:
    """Read an Environment; of its secrets only the names are told."""
    return Answer[EnvironmentOut].of(
        _shown(await parts.environments.get(ask, environment_id), response)
    )


@router.put(
    "/{environment_id}",
    responses=answers(*_MISSING, *BODY, like="update_environment", later=True),
)
async def update_environment(  # path, query, header and body are parameters
    environment_id: EnvironmentId,
    body: EnvironmentIn,
    ask: Asking,
    parts: Wired,
    how: Writing,
    response: Response,
) -> Answer[EnvironmentOut]:
    """Change an Environment; what the body leaves out stays, each secret too; null removes one."""
    outcome = await parts.environments.update(ask, environment_id, body, how)
    return _answer(outcome, response)


@router.delete("/{environment_id}", responses=answers(*_MISSING, like="delete_environment"))
async def delete_environment(
    environment_id: EnvironmentId, ask: Asking, parts: Wired, if_match: IfMatch = None
) -> Answer[EnvironmentDeleted]:
    """Delete an Environment that no deployment uses, and what this API keeps of its secrets."""
    await parts.environments.delete(ask, environment_id, if_match)
    return Answer[EnvironmentDeleted].of(EnvironmentDeleted(id=environment_id, status="deleted"))


def _answer(outcome: Outcome, response: Response) -> Answer[EnvironmentOut]:
    tell(response, outcome)
    return Answer[EnvironmentOut].of(_shown(outcome.obj, response))


def _shown(environment: Object, response: Response) -> EnvironmentOut:
    response.headers["ETag"] = etag_of(environment)
    return EnvironmentOut.of(environment)
