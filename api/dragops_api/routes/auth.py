"""Who is calling, and how one logs in."""

from fastapi import APIRouter

from dragops_api.deps import Asking
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.health import CallerOut, ProvidersOut

router = APIRouter(prefix="/api/auth", tags=["Auth"], route_class=GuardedRoute)


@router.get("/providers")
async def list_providers() -> Answer[ProvidersOut]:
    """Say how one logs in: by tokens of Kubernetes, so neither of these."""
    return Answer[ProvidersOut].of(ProvidersOut(local=False, github=False))


@router.get("/whoami", responses=answers())
async def tell_caller(ask: Asking) -> Answer[CallerOut]:
    """Say whose token this is, and in which workspace it acts."""
    caller = CallerOut(
        username=ask.caller.username, groups=list(ask.caller.groups), workspace=ask.workspace
    )
    return Answer[CallerOut].of(caller)
