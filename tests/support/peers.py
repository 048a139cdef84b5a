"""The world outside as an example's `http` scripts it: the answers of each URL, in order."""

import json
from dataclasses import dataclass, field
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.outside import (
    Certificate,
    Mail,
    MailServer,
    Probe,
    Records,
    Request,
    Response,
)


@dataclass
class Peers:
    """Implements `Outside`; a URL that is not there is unreachable, as in the real world.

    An answer is `{status = 200, headers, json or text}`, a status without a body, `unreachable` or
    `timeout`. `sent` holds the requests in order.
    """

    http: dict[str, list[Any]] = field(default_factory=dict)
    sent: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        answers = self.http.get(request.url, [])
        answer = answers.pop(0) if answers else "unreachable"
        if answer == "timeout":
            raise RunFailure("TimeoutError", f"{request.url} did not answer")
        if answer == "unreachable":
            raise RunFailure("HttpError", f"{request.url} cannot be reached")
        return _response({"status": answer} if isinstance(answer, int) else answer)

    async def records(self, name: str, kind: str, timeout_seconds: float) -> Records | None:
        raise _away(f"{name} {kind}")

    async def probe(self, host: str, port: int, timeout_seconds: float) -> Probe:
        raise _away(f"{host}:{port}")

    async def certificate(self, host: str, port: int, timeout_seconds: float) -> Certificate:
        raise _away(f"{host}:{port}")

    async def deliver(self, mail: Mail, server: MailServer) -> None:
        raise _away(server.host)


def _away(place: str) -> RunFailure:
    return RunFailure("HttpError", f"{place} cannot be reached")


def _response(answer: dict[str, Any]) -> Response:
    content, kind = b"", None
    if "json" in answer:
        content, kind = json.dumps(answer["json"]).encode(), "application/json"
    elif "text" in answer:
        content, kind = answer["text"].encode(), "text/plain"
    elif "bytes" in answer:
        content = answer["bytes"]
    headers = {"content-type": kind} if kind else {}
    return Response(answer.get("status", 200), headers | answer.get("headers", {}), content)
