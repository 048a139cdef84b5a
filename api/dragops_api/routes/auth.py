"""Who is calling, what they may, and how one logs in."""

from fastapi import APIRouter

from dragops_api.callers import AUDIENCE
from dragops_api.deps import Asking, Wired
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.auth import CallerOut, KubernetesOut, OidcOut, ProvidersOut, RightOut
from dragops_api.schemas.envelope import Answer

router = APIRouter(prefix="/api/auth", tags=["Auth"], route_class=GuardedRoute)


@router.get("/providers")
async def list_providers(parts: Wired) -> Answer[ProvidersOut]:
    """Say whose tokens are taken; there is no other log-in."""
    issuers = [OidcOut(issuer=i.issuer, audiences=i.audiences) for i in parts.settings.oidc]
    kubernetes = KubernetesOut(audience=AUDIENCE)
    return Answer[ProvidersOut].of(
        ProvidersOut(local=False, github=False, kubernetes=kubernetes, oidc=issuers)
    )


@router.get("/whoami", responses=answers())
async def tell_caller(ask: Asking, parts: Wired) -> Answer[CallerOut]:
    """Say whose token this is, in which workspace it acts, and what it may there."""
    rights = [
        RightOut(verb=right.verb, resource=right.whole_resource, allowed=allowed)
        for right, allowed in (await parts.gate.rights(ask)).items()
    ]
    return Answer[CallerOut].of(
        CallerOut(
            username=ask.caller.username,
            groups=ask.caller.groups,
            workspace=ask.workspace,
            rights=rights,
        )
    )
