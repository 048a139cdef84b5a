"""The recorder's door, bare ASGI: who is calling, which workspace is theirs, what to write.

Next: ``gather`` writes. The table at the end maps domain errors to HTTP.
"""

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from dragops.cluster.tokens import Caller, TokenVerifier
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
from dragops.errors import BadInput, DragopsError, Overloaded, Refused, Unreachable
from dragops.history.batch import Batch, decode_batch, encode_results
from dragops.history.claims import decode_claim, encode_claimed
from dragops.history.news import encode_page, read_position
from dragops.history.ticks import decode_question, encode_known
from dragops_api.recorder.gather import Gatherer
from dragops_api.recorder.news import News
from dragops_api.recorder.wishes import Cancel, Hear, Purge, wish_of

_BODY_MAX = 64 * 1024 * 1024
_RETRY = (b"retry-after", b"1")
_NOT_TRUSTED = error_answer(
    403, "FORBIDDEN", "only trusted callers reach into workspaces that are not their own"
)

Route = Callable[[Caller, bytes], Awaitable[Answer]]


class RecorderApp:
    """Serves engines, tick pods and the API."""

    def __init__(
        self,
        gatherer: Gatherer,
        news: News,
        verifier: TokenVerifier,
        *,
        trusted: frozenset[str],
        metrics: CollectorRegistry,
    ) -> None:
        self._gatherer, self._news, self._verifier = gatherer, news, verifier
        self._trusted, self._metrics = trusted, metrics
        self._routes: dict[str, Route] = {
            "/v1/batch": self._batch,
            "/v1/ticks": self._ticks,
            "/v1/claim": self._claim,
            "/v1/purge": self._purge,
            "/v1/cancel": self._cancel,
            "/v1/news": self._hear,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except DragopsError as exc:
            answer = refusal(exc)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        route = self._routes.get(scope["path"])
        if route is None:
            return self._open_door(scope["path"])
        if scope["method"] != "POST":
            return error_answer(405, "METHOD_NOT_ALLOWED", "use POST")
        caller = await self._verifier.verify(bearer_token(scope))
        body = await read_body(scope, receive, at_most=_BODY_MAX)
        if body is None:
            return error_answer(413, "TOO_LARGE", f"a batch holds at most {_BODY_MAX} bytes")
        return await route(caller, body)

    async def _batch(self, caller: Caller, body: bytes) -> Answer:
        workspace, batch = _workspace(caller), decode_batch(body)
        results = await self._gatherer.write(workspace, batch)
        return Answer(200, encode_results(results, self._gatherer.tripped(workspace, batch)))

    async def _ticks(self, caller: Caller, body: bytes) -> Answer:
        known = await self._gatherer.ticks(_workspace(caller), decode_question(body))
        return Answer(200, encode_known(known))

    async def _claim(self, caller: Caller, body: bytes) -> Answer:
        claimed = await self._gatherer.claim(_workspace(caller), decode_claim(body))
        return Answer(200, encode_claimed(claimed))

    async def _purge(self, caller: Caller, body: bytes) -> Answer:
        wish = wish_of(Purge, body)
        if wish.workspace is not None and caller.username not in self._trusted:
            return _NOT_TRUSTED
        await self._gatherer.purge(wish.workspace or caller.namespace, wish.deployment_uid)
        return json_answer(200, {"purged": wish.deployment_uid})

    async def _cancel(self, caller: Caller, body: bytes) -> Answer:
        if caller.username not in self._trusted:
            return _NOT_TRUSTED
        wish = wish_of(Cancel, body)
        await self._gatherer.write(wish.workspace, Batch(finishes=[wish.end()]))
        return json_answer(200, {"runId": wish.run_id})

    async def _hear(self, caller: Caller, body: bytes) -> Answer:
        if caller.username not in self._trusted:
            return _NOT_TRUSTED
        wish = wish_of(Hear, body)
        position = read_position(wish.position) if wish.position is not None else None
        if wish.position is not None and position is None:
            raise BadInput("position", "is none of this recorder's")
        page = await self._news.since(position, wait_seconds=wish.wait_seconds)
        return Answer(200, encode_page(page))

    def _open_door(self, path: str) -> Answer:
        if path in ("/healthz", "/readyz"):
            return json_answer(200, {"status": "ok"})
        if path == "/metrics":
            text = generate_latest(self._metrics)
            return Answer(200, text, ((b"content-type", CONTENT_TYPE_LATEST.encode()),))
        return error_answer(404, "NOT_FOUND", "there is no such route")


def _workspace(caller: Caller) -> str:
    if not caller.namespace:
        raise Refused("the token belongs to no workspace")
    return caller.namespace


def refusal(exc: DragopsError) -> Answer:
    """Say a domain error in HTTP."""
    match exc:
        case Refused():
            return error_answer(401, "UNAUTHENTICATED", str(exc))
        case BadInput():
            return error_answer(400, "VALIDATION", str(exc))
        case Overloaded() | Unreachable():
            return error_answer(503, "STORE_UNAVAILABLE", str(exc), headers=(_RETRY,))
        case _:
            return error_answer(500, "INTERNAL", "the recorder met an unexpected error")
