"""The internal door: what operator and API ask of an engine, probes and metrics.

Everything below /internal wants a token for ``dragops-engine`` of a caller on the list.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import Field, ValidationError

from dragops.cluster.tokens import TokenVerifier
from dragops.engine.asgi import (
    Answer,
    Receive,
    Scope,
    Send,
    bearer_token,
    error_answer,
    json_answer,
    read_body,
    send_answer,
)
from dragops.engine.call_door import CallDoor
from dragops.engine.call_wire import CALL_PATH
from dragops.engine.captures import Captures
from dragops.engine.deployed import Deployed, Registry
from dragops.engine.encoding import encoded
from dragops.engine.intake import Intake
from dragops.engine.loader import Loader
from dragops.engine.request import query_of
from dragops.engine.retried import event_again
from dragops.engine.run import Outcome, Run, manual_event
from dragops.errors import BadInput, DragopsError, Overloaded, Refused, TryAgain
from dragops.model.ids import RunId, new_run_id
from dragops.model.run import RunStatus, TriggeredBy
from dragops.model.schema import Json, Shape

_BODY_MAX = 32 * 1024 * 1024
"""An event of the largest size that a deployment may allow, as JSON."""
_STORED_SECONDS = 2.0
"""How long the end of a run may take to the store before its caller is told all the same."""
_RETRY = ((b"retry-after", b"1"),)

W = TypeVar("W", bound=Shape)


class Execute(Shape):
    """A wish to run a deployment now."""

    deployment: str
    node_id: str | None = None
    event: Json = None
    wait_seconds: float = Field(default=30, ge=0, le=86_400)
    retry_of: RunId | None = None
    """The event is that of this run, whole; else it is what a caller gives by hand."""


class Cancel(Shape):
    """A wish to stop a run."""

    run_id: RunId
    by: str
    wait_seconds: float = Field(default=30, ge=0, le=86_400)


class InternalApp:
    """Serves operator, API and probes."""

    def __init__(
        self,
        registry: Registry,
        loader: Loader,
        intake: Intake,
        captures: Captures,
        metrics: CollectorRegistry,
    ) -> None:
        self._registry, self._loader, self._intake = registry, loader, intake
        self._captures, self._metrics = captures, metrics
        self._verifier: TokenVerifier | None = None
        self._callers: frozenset[str] = frozenset()
        self._pods: str | None = None
        self.calls: CallDoor | None = None
        """What schedules' pods may ask of this engine, and nobody else."""
        self.synced = asyncio.Event()
        """Set when all that the source told at the start has been dealt with."""
        self._routes: dict[tuple[str, str], Callable[[Scope, bytes], Awaitable[Answer]]] = {
            ("GET", "/internal/serials"): self._serials,
            ("GET", "/internal/captured"): self._captured,
            ("POST", "/internal/execute"): self._execute,
            ("POST", "/internal/cancel"): self._cancel,
        }

    def allow(
        self, verifier: TokenVerifier, callers: frozenset[str], *, pods: str | None = None
    ) -> None:
        """Say whose tokens are good; before that nobody's is. ``pods``: who may call patterns."""
        self._verifier, self._callers, self._pods = verifier, callers, pods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except DragopsError as exc:
            answer = _refusal(exc)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = scope["path"]
        if not path.startswith("/internal/"):
            return self._open_door(path)
        if self._verifier is None:
            raise Refused("nobody is allowed here")
        caller = await self._verifier.verify(bearer_token(scope))
        is_call = (scope["method"], path) == ("POST", CALL_PATH)
        if not (caller.username == self._pods if is_call else caller.username in self._callers):
            return error_answer(403, "FORBIDDEN", f"{caller.username} may not ask engines")
        route = self._routes.get((scope["method"], path))
        if route is None and not is_call:
            return error_answer(404, "NOT_FOUND", "There is no such route")
        body = await read_body(scope, receive, at_most=_BODY_MAX)
        if body is None:
            return error_answer(413, "TOO_LARGE", f"A body holds at most {_BODY_MAX} bytes")
        return await (route(scope, body) if route else self._called(receive, body))

    async def _called(self, receive: Receive, body: bytes) -> Answer:
        if self.calls is None or self._intake.is_closed:
            return json_answer(503, {"code": "ENGINE_UNAVAILABLE"}, *_RETRY)
        return await self.calls.answer(receive, body)

    def _open_door(self, path: str) -> Answer:
        if path == "/healthz":
            return json_answer(200, {"status": "ok"})
        if path == "/readyz":
            is_ready = self.synced.is_set() and not self._intake.is_closed
            return json_answer(200 if is_ready else 503, {"ready": is_ready})
        if path == "/metrics":
            content_type = (b"content-type", CONTENT_TYPE_LATEST.encode())
            return Answer(200, generate_latest(self._metrics), (content_type,))
        return error_answer(404, "NOT_FOUND", "There is no such route")

    async def _serials(self, _scope: Scope, _body: bytes) -> Answer:
        lives = [deployed.live for deployed in self._registry.all()]
        obeyed = {live.deployment: {"uid": live.uid, "serial": live.serial} for live in lives}
        return json_answer(200, {"serials": obeyed, "errors": self._loader.errors})

    async def _captured(self, scope: Scope, _body: bytes) -> Answer:
        uid = query_of(scope["query_string"]).get("uid")
        if not isinstance(uid, str):
            raise BadInput("query.uid", "name one deployment by its uid")
        return json_answer(200, {"captured": self._captures.of(uid)})

    async def _execute(self, _scope: Scope, body: bytes) -> Answer:
        wish = _wish(Execute, body)
        deployed = self._registry.get(wish.deployment)
        if deployed is None:
            return json_answer(404, {"code": "DEPLOYMENT_NOT_FOUND"})
        if deployed.state == "paused":
            return json_answer(409, {"code": "PAUSED"})
        if deployed.state != "active" or deployed.program is None:
            return json_answer(409, {"code": "NOT_ACTIVE"})
        if self._intake.is_closed:
            return json_answer(503, {"code": "ENGINE_UNAVAILABLE"}, *_RETRY)
        run = _run(deployed, wish)
        if run is None:
            return json_answer(409, {"code": "NO_SUCH_TRIGGER"})
        await self._intake.take(run, event=encoded(run.event), key=None)
        return _told(run, await _outcome(run, wish.wait_seconds))

    async def _cancel(self, _scope: Scope, body: bytes) -> Answer:
        wish = _wish(Cancel, body)
        message = f"The run was cancelled by {wish.by}"
        reason = Outcome(RunStatus.CANCELLED, {"type": "Cancelled", "message": message})
        run = self._intake.cancel(wish.run_id, reason)
        if run is None:
            return json_answer(404, {"code": "RUN_NOT_FOUND"})
        outcome = await _outcome(run, wish.wait_seconds)
        status = outcome.status if outcome else RunStatus.RUNNING
        return json_answer(200 if outcome else 202, {"runId": wish.run_id, "status": status})


def _wish(kind: type[W], body: bytes) -> W:
    try:
        return kind.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError) as exc:
        raise BadInput("body", str(exc)) from exc


def _run(deployed: Deployed, wish: Execute) -> Run | None:
    program = deployed.program
    trigger = program.trigger(wish.node_id) if program else None
    if program is None or trigger is None:
        return None
    given = wish.event if wish.event is not None else {}
    event = event_again(trigger, given) if wish.retry_of else manual_event(trigger, given)
    run = Run(new_run_id(), deployed, program, trigger, TriggeredBy.MANUAL, event)
    run.retry_of = wish.retry_of
    run.await_end()
    return run


async def _outcome(run: Run, wait_seconds: float) -> Outcome | None:
    """Wait for the end, and until the store knows it: who reads the run next sees it ended."""
    ended, stored = run.await_end()
    await asyncio.wait([ended], timeout=wait_seconds)
    if not ended.done():
        return None
    await asyncio.wait([stored], timeout=_STORED_SECONDS)
    return ended.result()


def _told(run: Run, outcome: Outcome | None) -> Answer:
    if outcome is None:
        return json_answer(202, {"runId": run.id, "status": RunStatus.RUNNING})
    told: dict[str, Any] = {"runId": run.id, "status": outcome.status}
    if outcome.error:
        shown = ("type", "message", "nodeId", "line")
        told["error"] = {key: outcome.error[key] for key in shown if key in outcome.error}
    return json_answer(200, told)


def _refusal(exc: DragopsError) -> Answer:
    match exc:
        case Refused():
            return error_answer(401, "UNAUTHENTICATED", str(exc))
        case BadInput():
            return error_answer(400, "VALIDATION", str(exc))
        case Overloaded():
            return json_answer(503, {"code": "ENGINE_UNAVAILABLE"}, *_RETRY)
        case TryAgain():
            return json_answer(503, {"code": "STORE_UNAVAILABLE"}, *_RETRY)
        case _:
            return error_answer(500, "INTERNAL", "The engine met an unexpected error")
