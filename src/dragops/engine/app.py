"""The public door: webhooks, bare ASGI.

route -> method -> size -> signature -> state -> body -> durable accept -> answer -> run.
A stranger learns nothing: an unknown id takes the same way and the same time as a bad signature.
Next: ``dragops.engine.intake``.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

from dragops.engine.asgi import (
    Answer,
    Receive,
    Scope,
    Send,
    error_answer,
    json_answer,
    read_body,
    send_answer,
)
from dragops.engine.captures import Captures
from dragops.engine.deployed import METHODS, Registry, WebhookRoute
from dragops.engine.intake import Intake
from dragops.engine.meters import Meters
from dragops.engine.replies import accepted_answer, wait_for_answer
from dragops.engine.request import (
    headers_of,
    idempotency_key,
    parsed_body,
    query_of,
    stored_event,
    url_of,
)
from dragops.engine.run import Run
from dragops.engine.signatures import signed_by
from dragops.errors import BadInput, Overloaded, TryAgain
from dragops.model.deployment import Limits, Signature
from dragops.model.ids import new_run_id
from dragops.model.run import TriggeredBy, now_iso

_LOG = structlog.get_logger()
_PREFIXES = ("/webhooks/", "/api/webhooks/")
_NOBODY = (secrets.token_bytes(64),)
"""Stands in for the secrets of an id that does not exist."""
_NO_LIMITS, _NO_SIGNATURE = Limits(), Signature()
_SOON, _LATER = ((b"retry-after", b"1"),), ((b"retry-after", b"30"),)
_CAPTURED = json_answer(202, {"status": "captured", "message": "Event captured for testing"})


class WebhookApp:
    """Takes webhooks of one namespace."""

    def __init__(
        self, registry: Registry, intake: Intake, captures: Captures, meters: Meters
    ) -> None:
        self._registry, self._intake = registry, intake
        self._captures, self._meters = captures, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except BadInput as exc:
            answer = error_answer(400, "VALIDATION", str(exc))
        except Overloaded as exc:
            answer = error_answer(503, "ENGINE_UNAVAILABLE", str(exc), headers=_SOON)
        except TryAgain:
            message = "The run cannot be stored now"
            answer = error_answer(503, "STORE_UNAVAILABLE", message, headers=_SOON)
        except Exception:
            # a request that nobody foresaw must not show its sender a stack trace
            _LOG.exception("a webhook request failed")
            answer = error_answer(500, "INTERNAL", "The engine met an unexpected error")
        self._meters.answered(answer.status)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        webhook_id = _webhook_id(scope["path"])
        if webhook_id is None:
            return error_answer(404, "NOT_FOUND", "There is no such route")
        route = self._registry.route(webhook_id)
        methods = route.methods if route else METHODS
        if scope["method"] not in methods:
            allow = (b"allow", ", ".join(sorted(methods)).encode())
            return error_answer(405, "METHOD_NOT_ALLOWED", "Wrong method", headers=(allow,))
        limits = route.deployed.live.limits if route else _NO_LIMITS
        body = await read_body(scope, receive, at_most=limits.max_event_bytes)
        if body is None:
            message = f"The body is longer than {limits.max_event_bytes} bytes"
            return error_answer(413, "TOO_LARGE", message)
        headers = headers_of(scope["headers"])
        place = _place_of_signer(route, headers, body)
        if route is None:
            return error_answer(404, "NOT_FOUND", "There is no such webhook")
        if place is None:
            message = "The signature is missing or wrong, or its time is out of the window"
            return error_answer(401, "UNAUTHENTICATED", message)
        if place > 0:
            self._meters.signed_with_previous(route.deployed.live.deployment)
        return await self._signed(route, scope, headers, body)

    async def _signed(
        self, route: WebhookRoute, scope: Scope, headers: dict[str, str], body: bytes
    ) -> Answer:
        live, state = route.deployed.live, route.deployed.state
        if state == "paused":
            return error_answer(503, "PAUSED", "The deployment is paused", headers=_LATER)
        if self._intake.is_closed:
            message = "This engine is stopping"
            return error_answer(503, "ENGINE_UNAVAILABLE", message, headers=_SOON)
        event = {
            "body": parsed_body(headers.get("content-type", ""), body),
            "headers": headers,
            "query": query_of(scope["query_string"]),
            "method": scope["method"],
            "url": url_of(scope, headers),
        }
        stored = stored_event(event, body)
        if state != "active" or route.deployed.program is None or route.trigger is None:
            captured = {"at": now_iso(), "event": orjson.Fragment(stored)}
            self._captures.add(live.uid, route.endpoint.node_id, captured, len(stored))
            return _CAPTURED
        key = idempotency_key(route.endpoint.signature.scheme, headers, body)
        return await self._run(_run(route, event), route.response_mode, stored, key)

    async def _run(self, run: Run, mode: str, stored: str, key: str | None) -> Answer:
        accepted = await self._intake.take(run, event=stored, key=key)
        if mode != "Immediate" and not accepted.duplicate:
            return await wait_for_answer(run)
        return accepted_answer(accepted.run_id, duplicate=accepted.duplicate)


def _webhook_id(path: str) -> str | None:
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            return path[len(prefix) :].removesuffix("/")
    return None


def _place_of_signer(
    route: WebhookRoute | None, headers: Mapping[str, str], body: bytes
) -> int | None:
    """Say which of the good secrets has signed the body: 0 the current one, 1 the one before.

    Unknown ids cost the same.
    """
    now = time.time()
    signature = route.endpoint.signature if route else _NO_SIGNATURE
    good = route.secrets.good_at(now) if route else _NOBODY
    return signed_by(signature, good, headers, body, now=now)


def _run(route: WebhookRoute, event: dict[str, Any]) -> Run:
    program, trigger = route.deployed.program, route.trigger
    assert program is not None and trigger is not None  # noqa: S101,PT018 the caller has looked
    run = Run(new_run_id(), route.deployed, program, trigger, TriggeredBy.WEBHOOK, event)
    loop = asyncio.get_running_loop()
    if route.response_mode == "ResponseNode":
        run.replied = loop.create_future()
    if route.response_mode != "Immediate":
        run.ended = loop.create_future()
    return run
