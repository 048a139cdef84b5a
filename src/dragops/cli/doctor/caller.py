"""Who calls: whether the token is good, for whom, until when, and what its owner may."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dragops.cli.api import Api
from dragops.cli.doctor.finding import Finding, fail, good, skip, warn
from dragops.cli.failures import CallRefused, NoAnswer
from dragops.cli.session import EXPIRY_TOLD_SECONDS
from dragops.cli.times import span
from dragops.cli.tokens import Claims, claims_of

_LOGIN = "make a new one: dragops login"


def look_at_caller(api: Api, now: datetime) -> Iterator[Finding]:
    """Look at the token, then at what its owner may in the workspace."""
    claims = claims_of(api.place.token)
    if claims and (finding := _ended(claims, now)):
        yield finding
    if claims and (finding := _addressed(api, claims)):
        yield finding
    try:
        caller = api.get("/api/auth/whoami").data
    except (CallRefused, NoAnswer) as exc:
        yield _refused(api, exc)
        return
    yield good("token", f"it is that of {caller['username']}")
    yield _workspace(api, str(caller["workspace"]))
    yield rights_finding(caller)


def rights_finding(caller: Mapping[str, Any]) -> Finding:
    """Say what the API told of the caller's rights."""
    rights = caller.get("rights")
    workspace = caller["workspace"]
    if not isinstance(rights, list):
        return skip("rights", "this API does not tell them")
    missing = [f"{r['verb']} {r['resource']}" for r in rights if not r["allowed"]]
    if not missing:
        return good("rights", f"everything in workspace {workspace}")
    told = f"in workspace {workspace} you may not: {', '.join(missing)}"
    mend = "where that is not meant, bind a role such as dragops-edit or dragops-operate there"
    return fail("rights", told, mend) if len(missing) == len(rights) else warn("rights", told, mend)


def _ended(claims: Claims, now: datetime) -> Finding | None:
    if claims.expires is None:
        return None
    seconds = (claims.expires - now).total_seconds()
    if seconds <= 0:
        return fail("token", f"it ended {span(seconds)} ago", _LOGIN)
    if seconds < EXPIRY_TOLD_SECONDS:
        return warn("token", f"it ends in {span(seconds)}", _LOGIN)
    return good("token", f"it ends in {span(seconds)}")


def _addressed(api: Api, claims: Claims) -> Finding | None:
    try:
        wanted = _audiences(api.get("/api/auth/providers").data)
    except (CallRefused, NoAnswer):
        return None
    if not wanted or wanted & set(claims.audiences):
        return None
    told = f"it is for {', '.join(claims.audiences) or 'nobody'}, not for {' or '.join(wanted)}"
    return fail("token", told, f"{_LOGIN} (kubectl create token NAME --audience dragops-api)")


def _audiences(providers: Mapping[str, Any]) -> set[str]:
    kubernetes = providers.get("kubernetes") or {}
    oidc = [audience for issuer in providers.get("oidc") or () for audience in issuer["audiences"]]
    return {str(name) for name in [kubernetes.get("audience"), *oidc] if name}


def _workspace(api: Api, workspace: str) -> Finding:
    try:
        api.get("/api/patterns", {"limit": 1})
    except CallRefused as exc:
        # what is not allowed is told with the rights
        if exc.status != 403:
            return fail("workspace", f"{workspace}: {exc} ({exc.code})", "repeat in a moment")
    except NoAnswer as exc:
        return fail("workspace", str(exc), "repeat in a moment")
    return good("workspace", workspace)


def _refused(api: Api, exc: CallRefused | NoAnswer) -> Finding:
    if isinstance(exc, CallRefused) and exc.code == "NOT_FOUND":
        return fail(
            "workspace",
            f"{api.place.workspace} is no workspace of this installation",
            "add it to the Helm value workspaces and upgrade, or choose another: -w NAME",
        )
    return fail("token", str(exc), _LOGIN)
