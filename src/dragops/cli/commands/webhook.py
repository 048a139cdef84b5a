"""``dragops webhook``: endpoints listed, tried, renewed, and called from programs."""

import time
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from dragops.cli import shown
from dragops.cli.command import command, commands
from dragops.cli.endpoints import (
    chosen_endpoint,
    endpoint_secret,
    endpoint_url,
    read_headers,
    webhook_path,
)
from dragops.cli.failures import Call, CallRefused, exit_of
from dragops.cli.given import given_bytes
from dragops.cli.patience import Timeout, seconds_of, wait_for
from dragops.cli.session import Session
from dragops.cli.signing import signed_headers
from dragops.cli.times import duration_of
from dragops.cli.transport import Reply, Transport
from dragops.cli.turning import DeploymentWord

app = commands("List, try and renew webhook endpoints.")


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


class Language(StrEnum):
    """The languages of snippets."""

    CURL = "curl"
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    PWSH = "pwsh"


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
Grace = Annotated[
    str, typer.Option("--grace", help="How long the present secret stays good: 1h, 7d.")
]
LanguageOption = Annotated[Language, typer.Option("--language", help="Which program.")]
ThroughApi = Annotated[
    bool, typer.Option("--through-api", help="Send by the API's address instead of the URL shown.")
]


@command(app, "list")
def list_endpoints(session: Session, deployment: DeploymentWord) -> None:
    """List a deployment's webhook endpoints; -o json shows secrets to who may see them."""
    items = session.api.get(webhook_path(session, deployment)).data
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
    """Sign a body, send it to an endpoint, and show the answer."""
    chosen = chosen_endpoint(session.api.get(webhook_path(session, deployment)).data, endpoint)
    body, given = given_bytes(data), read_headers(header or ())
    signature = signed_headers(scheme, endpoint_secret(chosen), body, now=time.time())
    call = Call(method, endpoint_url(session, chosen, through_api=through_api))
    with session.waiting(f"sending to {call.url}"):
        transport = Transport(call.url, _authority(session, call.url))
        sent = {"content-type": "application/json", **signature, **given}
        reply = transport.send(call, body=body, headers=sent)
    _show(session, call, reply)


@command(app, "regenerate")
def regenerate_secret(
    session: Session,
    deployment: DeploymentWord,
    endpoint: Endpoint = None,
    grace: Grace = "0s",
    timeout: Timeout = "60s",
) -> None:
    """Make a new signing secret and show it; the present one ends at once, or after --grace."""
    grace_seconds = int(duration_of(grace, "--grace").total_seconds())
    seconds = seconds_of(True, timeout)
    until, path = time.monotonic() + seconds, webhook_path(session, deployment)
    chosen = chosen_endpoint(session.api.get(path).data, endpoint)
    body = {"endpointId": chosen["id"], "graceSeconds": grace_seconds}
    with session.waiting("waiting for the engines"):
        answer = session.heed(session.api.wait("POST", f"{path}/regenerate", body, seconds=seconds))
        data = answer.data
        if not data["webhookSecret"]:
            data = wait_for(
                lambda: chosen_endpoint(session.api.get(path).data, str(chosen["id"])),
                lambda found: found["webhookSecret"] != chosen["webhookSecret"],
                until=until,
                what="the engines have not confirmed the new secret",
            )
    data = {"webhookSecret": data["webhookSecret"]}
    session.show.outcome(data, data["webhookSecret"], name="webhookSecret")


@command(app, "snippets")
def show_snippet(
    session: Session,
    deployment: DeploymentWord,
    endpoint: Endpoint = None,
    language: LanguageOption = Language.CURL,
) -> None:
    """Show a program that sends a signed request; -o json has all of them."""
    path = webhook_path(session, deployment)
    chosen = chosen_endpoint(session.api.get(path).data, endpoint)
    data = session.api.get(f"{path}/snippets", {"endpointId": chosen["id"]}).data
    if session.show.is_for_people:
        session.show.passage(data[language])
    else:
        session.show.outcome(data, "", name=None)


@command(app, "captured")
def list_captured(session: Session, deployment: DeploymentWord) -> None:
    """List what came while the deployment was undeployed, newest first."""
    items = session.api.get(f"{webhook_path(session, deployment)}/captured").data
    session.show.rows(items, shown.CAPTURED, name=None, none="Nothing was captured.")


def _authority(session: Session, url: str) -> str | None:
    """Trust for the API what login was told to trust; for other servers the machine's."""
    is_api = urlsplit(url).netloc == urlsplit(session.place.url).netloc
    return session.place.authority if is_api else None


def _show(session: Session, call: Call, reply: Reply) -> None:
    text = reply.body.decode(errors="replace")
    answer: dict[str, Any] = {
        "status": reply.status,
        "headers": dict(reply.headers),
        "body": text,
    }
    session.show.outcome(answer, f"{reply.status} {text}", name=None)
    if reply.status >= 400:
        raise typer.Exit(exit_of(CallRefused(call, reply.status, {}, "")))
