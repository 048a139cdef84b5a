"""Makes a context: from a token that somebody has, or from one that the cluster makes."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from dragops.cli.api import Api
from dragops.cli.config import Context, kubeconfig_path
from dragops.cli.failures import NotLoggedIn
from dragops.cli.place import TOKEN, URL, Place, url_of
from dragops.cli.session import Session
from dragops.errors import BadInput


@dataclass(frozen=True, slots=True)
class Asked:
    """What login was told beside the options that all commands have."""

    kubeconfig: str | None
    kube_context: str | None
    service_account: str | None
    authority: str | None
    seconds: int


def make_context(session: Session, asked: Asked) -> tuple[Context, dict[str, object]]:
    """Make a context that works, and give who it is; nothing is stored yet."""
    known = _known(session, asked)
    path = _kubeconfig(asked, known)
    if session.wanted.token or not path:
        context = _of_token(session, asked, known)
    else:
        context = _of_cluster(session, asked, known, path)
    place = Place(context.url, context.token, "login", context.workspace, context.authority)
    with session.waiting(f"asking {context.url} who this is"):
        caller: dict[str, object] = Api(place).get("/api/auth/whoami").data
    return context, caller


def _known(session: Session, asked: Asked) -> Context | None:
    """Give the context that is renewed, unless something points elsewhere."""
    if name := session.wanted.context:
        return session.config.find(name)
    elsewhere = session.wanted.url or asked.kubeconfig or os.environ.get("KUBECONFIG")
    return None if elsewhere else session.config.find(session.config.current or "")


def _kubeconfig(asked: Asked, known: Context | None) -> str | None:
    stored = known.kubeconfig if known else None
    return kubeconfig_path(asked.kubeconfig or stored, os.environ)


def _of_token(session: Session, asked: Asked, known: Context | None) -> Context:
    url = session.wanted.url or (known.url if known else None) or os.environ.get(URL)
    if not url:
        raise BadInput("--url", f"is needed (or {URL}): where is the API?")
    url = url_of(url, "--url")
    return Context(
        name=_name(session, url, known),
        url=url,
        token=_token(session, url),
        workspace=session.wanted.workspace or (known.workspace if known else None),
        authority=_authority(asked, known),
    )


def _token(session: Session, url: str) -> str:
    token = session.wanted.token or os.environ.get(TOKEN) or _prompted(url)
    # a dash says where it is
    token = (sys.stdin.read() if token == "-" else token).strip()  # noqa: S105  # no password
    if not token or not token.isprintable() or not token.isascii():
        raise NotLoggedIn("that is no token")
    return token


def _prompted(url: str) -> str:
    if not sys.stdin.isatty():
        raise NotLoggedIn(
            f"there is no token for {url}: pipe one in with --token -, set {TOKEN}, "
            "or let a cluster make one with --kubeconfig"
        )
    return str(typer.prompt(f"Token for {url}", hide_input=True, err=True))


def _of_cluster(session: Session, asked: Asked, known: Context | None, path: str) -> Context:
    account = asked.service_account or (known.service_account if known else None)
    account = account or f"{session.wanted.workspace or 'default'}/dragops-user"
    if account.count("/") != 1 or not all(account.split("/")):
        raise BadInput("--service-account", f"{account!r} is not NAMESPACE/NAME")
    kube_context = asked.kube_context or (known.kube_context if known else None)
    given = session.wanted.url or (known.url if known else None) or os.environ.get(URL)
    with session.waiting(f"asking the cluster of {path} for a token of {account}"):
        url, token = asyncio.run(
            _asked_cluster(path, kube_context, account, seconds=asked.seconds, url=given)
        )
    url = url_of(url, "--url")
    return Context(
        name=_name(session, url, known),
        url=url,
        token=token,
        workspace=session.wanted.workspace or (known.workspace if known else None),
        authority=_authority(asked, known),
        kubeconfig=str(Path(path).absolute()) if os.pathsep not in path else path,
        kube_context=kube_context,
        service_account=account,
    )


async def _asked_cluster(
    path: str, kube_context: str | None, account: str, *, seconds: int, url: str | None
) -> tuple[str, str]:
    from dragops.cli.kubeconfig import (  # noqa: PLC0415  # slow to load
        Kubeconfig,
        find_url,
        request_token,
    )

    async with await Kubeconfig(path, kube_context).connect() as cluster:
        token = await request_token(cluster, account, seconds=seconds)
        return url or await find_url(cluster), token


def _name(session: Session, url: str, known: Context | None) -> str:
    return session.wanted.context or (known.name if known else urlsplit(url).netloc)


def _authority(asked: Asked, known: Context | None) -> str | None:
    if asked.authority:
        return str(Path(asked.authority).absolute())
    return known.authority if known else None
