"""Where the API is and who calls it: flags, then the environment, then a context of the file.

A token is only ever sent to the address that it was given with: an address from a flag or from the
environment never meets a token of the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from dragops.cli.config import Config, Context
from dragops.cli.failures import Missing, NotLoggedIn
from dragops.cli.options import Wanted
from dragops.errors import BadInput

URL, TOKEN, WORKSPACE, CONTEXT = (
    *("DRAGOPS_URL", "DRAGOPS_TOKEN", "DRAGOPS_WORKSPACE"),
    "DRAGOPS_CONTEXT",
)
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NOWHERE = (
    "nobody has said where DragOps is; log in with `dragops login`, or set "
    f"{URL} and {TOKEN} (in a checkout: . .local/env)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """An API and the one who calls; ``source`` says where this was found."""

    url: str
    token: str
    source: str
    workspace: str | None = None
    authority: str | None = None
    """A file with the certificates to trust beside the machine's."""


def find_place(wanted: Wanted, environ: Mapping[str, str], config: Config) -> Place:
    """Find the API and the token; NotLoggedIn when either is missing."""
    if wanted.workspace and not _NAMESPACE.fullmatch(wanted.workspace):
        raise BadInput("--workspace", f"{wanted.workspace!r} is not the name of a namespace")
    if wanted.url or not (wanted.context or not environ.get(URL)):
        return _given(wanted, environ)
    name = wanted.context or environ.get(CONTEXT) or config.current
    if not name:
        raise NotLoggedIn(_NOWHERE)
    context = _context(config, name)
    return Place(
        url=url_of(context.url, f"context {name!r}"),
        token=wanted.token or context.token,
        source=f"context {name!r}",
        workspace=wanted.workspace or context.workspace,
        authority=context.authority,
    )


def _given(wanted: Wanted, environ: Mapping[str, str]) -> Place:
    name, url = ("--url", wanted.url) if wanted.url else (URL, environ[URL])
    token = wanted.token or environ.get(TOKEN)
    if not token:
        raise NotLoggedIn(f"there is no token for {url}; set {TOKEN}, or log in: dragops login")
    workspace = wanted.workspace or environ.get(WORKSPACE) or None
    return Place(url_of(url or "", name), token.strip(), name, workspace)


def _context(config: Config, name: str) -> Context:
    if (context := config.find(name)) is None:
        known = ", ".join(context.name for context in config.contexts) or "none"
        raise Missing("context", name, f"name one of these: {known}; or make it: dragops login")
    return context


def url_of(text: str, name: str) -> str:
    """Read the API's address; a trailing slash or ``/api`` is taken away."""
    parts = _split(text)
    if parts is None:
        raise BadInput(name, f"{text!r} is no address; write it like https://dragops.example.com")
    if parts.username or parts.query or parts.fragment:
        raise BadInput(name, "an address has no user, query or fragment; tokens go into --token")
    path = parts.path.rstrip("/").removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.strip())
        # to ask for a port that is none raises
        is_good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if is_good else None
