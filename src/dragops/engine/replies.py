"""What a webhook's sender is told who waits for the run: Respond to Webhook, or the last node."""

import asyncio

from dragops.engine.asgi import Answer, Header, error_answer
from dragops.engine.encoding import encoded
from dragops.engine.run import Outcome, Reply, Run
from dragops.model.run import RunStatus

_CONNECTION_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NO_BODY = (204, 304)
_JSON: Header = (b"content-type", b"application/json")
_DUPLICATE: Header = (b"x-dragops-duplicate", b"true")


async def wait_for_answer(run: Run) -> Answer:
    """Wait until the run has something to say to its sender, never longer than its time limit."""
    waited_for = [future for future in (run.replied, run.ended) if future is not None]
    seconds = run.deployed.live.limits.timeout_seconds
    await asyncio.wait(waited_for, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if run.replied is not None and run.replied.done():
        return reply_answer(run.replied.result(), run.id)
    if run.ended is not None and run.ended.done():
        return outcome_answer(run.ended.result(), run.id)
    run.is_answered = True
    return outcome_answer(Outcome(RunStatus.TIMEOUT), run.id)


def accepted_answer(run_id: str, *, duplicate: bool) -> Answer:
    """Say that a run is stored, or has been before; nobody waits for its end."""
    body = b'{"status":"accepted","runId":"%b"}' % run_id.encode()
    return Answer(202, body, (_JSON, _DUPLICATE) if duplicate else (_JSON,))


def reply_answer(reply: Reply, run_id: str) -> Answer:
    """Say what Respond to Webhook said; a content type among its headers wins."""
    given = [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in reply.headers.items()
        if name.lower() not in _CONNECTION_HEADERS
    ]
    if reply.status in _NO_BODY:
        return Answer(reply.status, b"", (*given, _run_header(run_id)))
    content_type, body = _body(reply)
    if any(name == b"content-type" for name, _ in given):
        return Answer(reply.status, body, (*given, _run_header(run_id)))
    own = (b"content-type", content_type)
    return Answer(reply.status, body, (own, *given, _run_header(run_id)))


def outcome_answer(outcome: Outcome, run_id: str) -> Answer:
    """Say how a run ended that answered nothing itself; no internals."""
    header = (_run_header(run_id),)
    if outcome.status is RunStatus.COMPLETED:
        return Answer(200, encoded(outcome.outputs or {}).encode(), (_JSON, *header))
    if outcome.status is RunStatus.TIMEOUT:
        message = "The run took longer than it may"
        return error_answer(504, "TIMEOUT", message, headers=header, runId=run_id)
    return error_answer(500, "RUN_FAILED", "The run failed", headers=header, runId=run_id)


def _body(reply: Reply) -> tuple[bytes, bytes]:
    match reply.body:
        case str(text):
            return b"text/plain; charset=utf-8", text.encode("utf-8", "replace")
        case bytes(data):
            return b"application/octet-stream", data
        case other:
            return b"application/json", encoded(other).encode()


def _run_header(run_id: str) -> Header:
    return (b"x-dragops-run-id", run_id.encode())
