"""Who calls, for declarative nodes: Basic, and tokens for client credentials (RFC 6749, 4.4).

A token is kept for the rest of its run, as long as it is good, and hidden like a secret.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from dragops.errors import RunFailure
from dragops.nodes.context import Context
from dragops.nodes.http import http_request
from dragops.nodes.request_templates import Filler
from dragops.nodes.urls import read_http_url

_DAY_SECONDS = 86_400
_UNSAID_SECONDS, _EARLY_SECONDS = 300, 10
"""How long a token is good that does not say it; how long before its end it is taken for bad."""


def basic(username: str, password: str) -> str:
    """Give the Authorization header of user and password."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


async def access_token(
    ctx: Context, fill: Filler, grant: Mapping[str, Any], timeout_seconds: float
) -> str:
    """Give the token that the client's credentials are good for; HttpError when there is none."""
    key = (
        *("oauth2", fill.url(grant["tokenUrl"]), fill.text(grant["clientId"])),
        *(fill.text(grant["clientSecret"]), fill.text(grant["scope"])),
    )
    token, until = ctx.kept.get(key, ("", ctx.now()))
    if not token or until <= ctx.now():
        token, seconds = await _fetched(ctx, key[1:], timeout_seconds)
        ctx.conceal(token)
        ctx.kept[key] = token, ctx.now() + timedelta(seconds=seconds)
    return str(token)


async def _fetched(ctx: Context, key: tuple[str, ...], timeout_seconds: float) -> tuple[str, float]:
    url, client, secret, scope = key
    asked = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    try:
        answer = await http_request(
            ctx,
            url=url,
            method="POST",
            headers={
                "Authorization": basic(quote_plus(client), quote_plus(secret)),
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(asked),
            timeout=timeout_seconds,
            fail_on_error=True,
            follow_redirects=False,
        )
    except RunFailure as exc:
        raise RunFailure(exc.type, f"no access token: {exc.message}", exc.data) from exc
    given = answer.response if isinstance(answer.response, dict) else {}
    token = given.get("access_token")
    if not isinstance(token, str) or not token:
        told = f"{read_http_url(url).origin} answered without access_token"
        raise RunFailure("HttpError", f"no access token: {told}")
    return token, max(0, _seconds(given.get("expires_in")) - _EARLY_SECONDS)


def _seconds(said: Any) -> float:
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    return min(said, _DAY_SECONDS) if is_number else _UNSAID_SECONDS
