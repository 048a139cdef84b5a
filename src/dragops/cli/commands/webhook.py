"""``dragops webhook``: endpoints listed, and tried with a signed request."""

import os
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import given_bytes
from dragops.cli.failures import Call, CallRefused, NotLoggedIn, exit_of
from dragops.cli.finding import deployment_id
from dragops.cli.session import Session
from dragops.cli.signing import signed_headers
from dragops.cli.transport import Reply, Transport
from dragops.cli.turning import DeploymentWord
from dragops.errors import BadInput, NotFound

app = commands("List, test and change webhook endpoints.")
SECRET = "DRAGOPS_WEBHOOK_SECRET"  # noqa: S105  # a variable's name
Object = dict[str, Any]


class Method(StrEnum):
    """The methods that webhooks take."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Scheme(StrEnum):
    """How a sender proves who it is."""

    DRAGOPS = "dragops"
    GITHUB = "github"


Endpoint = Annotated[
    str | None,
    typer.Option("--endpoint", help="An endpoint's id, node or alias; for one of several."),
]
Data = Annotated[
    str, typer.Option("--data", "-d", help="The body; @FILE reads a file, - reads stdin.")
]
Header = Annotated[
    list[str] | None, typer.Option("--header", "-H", help="A further header: 'Name: value'.")
]
MethodOption = Annotated[Method, typer.Option("--method", "-X", help="The request's method.")]
SchemeOption = Annotated[Scheme, typer.Option("--scheme", help="How to sign.")]
ThroughApi = Annotated[
    bool, typer.Option("--through-api", help="Send by the API's address instead of the URL shown.")
]


@command(app, "list")
def list_endpoints(session: Session, deployment: DeploymentWord) -> None:
    """List a deployment's webhook endpoints; -o json shows secrets to who may see them."""
    items = _endpoints(session, deployment)
    session.show.rows(items, shown.WEBHOOKS, name="id", none="There are no webhook endpoints.")


@command(app, "send")
def send(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    deployment: DeploymentWord,
    endpoint: Endpoint = None,
    data: Data = "{}",
    header: Header = None,
    method: MethodOption = Method.POST,
    scheme: SchemeOption = Scheme.DRAGOPS,
    through_api: ThroughApi = False,
) -> None:
    """Sign a body, post it to an endpoint, and show the answer."""
    chosen = _chosen(_endpoints(session, deployment), endpoint)
    body, given = given_bytes(data), _headers(header or ())
    url = _url(session, chosen, through_api=through_api)
    signature = signed_headers(scheme, _secret(chosen), body, now=time.time())
    sent = {"Content-Type": "application/json", **signature, **given}
    with session.waiting(f"sending to {url}"):
        authority = session.place.authority if url.startswith(session.place.url) else None
        call = Call(method, url)
        reply = Transport(url, authority).send(call, body=body, headers=sent)
    _show(session, call, reply)


def _endpoints(session: Session, deployment: str) -> list[Object]:
    id_ = deployment_id(session.api, deployment)
    found: list[Object] = session.api.get(f"/api/deployments/{part(id_)}/webhook").data
    return found


def _chosen(endpoints: Sequence[Object], word: str | None) -> Object:
    names = ("id", "nodeId", "webhookAlias", "webhookId")
    found = [e for e in endpoints if word is None or word in {e.get(name) for name in names}]
    if not found:
        raise NotFound("webhook endpoint", word or "of this deployment")
    if len(found) > 1:
        known = ", ".join(f"{e['id']} (node {e['nodeId']})" for e in found)
        raise BadInput("--endpoint", f"is needed, as there are {len(found)}: {known}")
    return found[0]


def _url(session: Session, endpoint: Object, *, through_api: bool) -> str:
    shown_url = str(endpoint["webhookUrl"])
    host = urlsplit(shown_url).hostname or ""
    if through_api or host.endswith((".svc", ".svc.cluster.local")):
        return f"{session.place.url}/webhooks/{endpoint['webhookId']}"
    return shown_url


def _secret(endpoint: Object) -> str:
    secret = endpoint.get("webhookSecret") or os.environ.get(SECRET)
    if not secret:
        told = f"you may not see this endpoint's secret; set {SECRET}, or ask for dragops-admin"
        raise NotLoggedIn(told)
    return str(secret)


def _headers(given: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in given:
        name, colon, value = line.partition(":")
        if not (colon and name.strip()) or not line.isprintable():
            raise BadInput("--header", f"{line!r} is not 'Name: value'")
        headers[name.strip()] = value.strip()
    return headers


def _show(session: Session, call: Call, reply: Reply) -> None:
    text = reply.body.decode(errors="replace")
    answer = {"status": reply.status, "headers": dict(reply.headers), "body": text}
    session.show.outcome(answer, f"{reply.status} {text}", name=None)
    if reply.status >= 400:
        raise typer.Exit(exit_of(CallRefused(call, reply.status, {}, "")))
