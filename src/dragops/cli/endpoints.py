"""Webhook endpoints: which one is meant, where it is, and what a sender has to say."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from dragops.cli.api import part
from dragops.cli.failures import NotLoggedIn
from dragops.cli.finding import deployment_id
from dragops.cli.session import Session
from dragops.errors import BadInput, NotFound

SECRET = "DRAGOPS_WEBHOOK_SECRET"  # noqa: S105  # a variable's name
Object = dict[str, Any]


def webhook_path(session: Session, deployment: str) -> str:
    """Give the path of a deployment's endpoints."""
    return f"/api/deployments/{part(deployment_id(session.api, deployment))}/webhook"


def chosen_endpoint(endpoints: Sequence[Object], word: str | None) -> Object:
    """Choose the endpoint that is meant; without a word the only one."""
    names = ("id", "nodeId", "webhookAlias", "webhookId")
    found = [e for e in endpoints if word is None or word in {e.get(name) for name in names}]
    if not found:
        raise NotFound("webhook endpoint", word or "of this deployment")
    if len(found) > 1:
        known = ", ".join(f"{e['id']} (node {e['nodeId']})" for e in found)
        raise BadInput("--endpoint", f"is needed, as there are {len(found)}: {known}")
    return found[0]


def endpoint_url(session: Session, endpoint: Object, *, through_api: bool) -> str:
    """Give the address to send to; one that is known in the cluster only is left aside."""
    shown = str(endpoint["webhookUrl"])
    host = urlsplit(shown).hostname or ""
    if through_api or host.endswith((".svc", ".svc.cluster.local")):
        return f"{session.place.url}/webhooks/{endpoint['webhookId']}"
    return shown


def endpoint_secret(endpoint: Object) -> str:
    """Give the signing secret; NotLoggedIn when neither API nor environment tells it."""
    secret = endpoint.get("webhookSecret") or os.environ.get(SECRET)
    if not secret:
        told = f"you may not see this endpoint's secret; set {SECRET}, or ask for dragops-admin"
        raise NotLoggedIn(told)
    return str(secret)


def read_headers(given: Sequence[str]) -> dict[str, str]:
    """Read ``Name: value``; names in lower case, so that none is sent twice."""
    headers = {}
    for line in given:
        name, colon, value = line.partition(":")
        if not (colon and name.strip()) or not (line.isprintable() and line.isascii()):
            raise BadInput("--header", f"{line!r} is not 'Name: value'")
        headers[name.strip().lower()] = value.strip()
    return headers
