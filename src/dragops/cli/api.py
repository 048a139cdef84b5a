"""The REST API as calls: the token and the workspace go along, answers lose their envelope."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from dragops.cli.failures import Call, CallRefused, NoAnswer
from dragops.cli.place import Place
from dragops.cli.transport import ANSWER_SECONDS, Reply, Transport
from dragops.errors import BadInput

PAGE = 100
WAIT_MAX = 300
"""The longest that the API waits in one call, in seconds."""
_PART_BYTES = 65_536
_CHECK = "check the address; to see what is wrong: dragops doctor"
Object = dict[str, Any]
Query = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave."""

    data: Any
    status: int
    headers: Mapping[str, str]
    meta: Object = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        """Say whether it is done, and does not just go on by itself."""
        return self.status != 202

    @property
    def warnings(self) -> list[str]:
        """Give what the answer warns of."""
        warning = self.headers.get("Warning", "")
        return [warning.partition('"')[2].rpartition('"')[0] or warning] if warning else []


class Api:
    """One API, called by one person, in one workspace."""

    def __init__(
        self,
        place: Place,
        *,
        every_workspace: bool = False,
        progress: Callable[[str], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.place, self._progress = place, progress or (lambda _: nullcontext())
        self._workspace = None if every_workspace else place.workspace
        self._transport = Transport(place.url, place.authority)

    def get(self, path: str, query: Query | None = None) -> Answer:
        """Read something."""
        return self.call("GET", path, query=query)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call, and give the answer without its envelope; raise CallRefused or NoAnswer."""
        call = self.named(method, path, query)
        sent = self._headers(headers or {})
        data = None
        if body is not None:
            data, sent["Content-Type"] = orjson.dumps(body), "application/json"
        waiting = float(str((query or {}).get("wait") or 0))
        seconds = ANSWER_SECONDS + waiting
        with self._progress(f"asking {self.place.url}"):
            reply = self._transport.send(call, body=data, headers=sent, seconds=seconds)
        return _answer(call, reply)

    def wait(
        self, method: str, path: str, body: object = None, *, seconds: float, **query: object
    ) -> Answer:
        """Call something that waits for engines or runs, as long as is given."""
        share = min(int(seconds), WAIT_MAX)
        return self.call(method, path, body, query=query | {"wait": share})

    def document(self, path: str, query: Query | None = None) -> str:
        """Read something that has no envelope and need not be JSON."""
        call = self.named("GET", path, query)
        reply = self._transport.send(call, headers=self._headers({"Accept": "*/*"}))
        if reply.status != 200:
            _answer(call, reply)
            raise _strange(call, reply)
        return reply.body.decode(errors="replace")

    def pages(self, path: str, query: Query, limit: int | None) -> list[Any]:
        """Read a list to its end, or its first ``limit`` items."""
        items: list[Any] = []
        while limit is None or len(items) < limit:
            share = PAGE if limit is None else min(PAGE, limit - len(items))
            answer = self.get(path, {**query, "limit": share, "offset": len(items)})
            if not isinstance(answer.data, list):
                raise NoAnswer(self.named("GET", path), "the answer is no list", _CHECK)
            items += answer.data
            if len(answer.data) < share or _is_whole(items, answer.meta):
                break
        return items

    def lines(self, path: str, query: Query, *, seconds: float) -> Iterator[bytes]:
        """Open a stream and yield its lines as they come; silence ends it with NoAnswer."""
        call = self.named("GET", path, query)
        sent = self._headers({"Accept": "text/event-stream"})
        with self._transport.open(call, headers=sent, seconds=seconds) as response:
            if response.status != 200:
                body = response.read(_PART_BYTES)
                _answer(call, Reply(response.status, response.headers, body))
            buffer = b""
            while part := response.read1(_PART_BYTES):
                *lines, buffer = (buffer + part).split(b"\n")
                yield from lines

    def named(self, method: str, path: str, query: Query | None = None) -> Call:
        """Name a call, as errors tell it."""
        words = urlencode([*_pairs(query or {})])
        url = self.place.url + path + (f"?{words}" if words else "")
        return Call(method, url, self._workspace)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        own = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.place.token}",
            "User-Agent": "dragops-cli",
        }
        if self._workspace:
            own["X-Dragops-Workspace"] = self._workspace
        return own | dict(headers)


def part(text: str) -> str:
    """Make an id fit into a path; what would lead to another path is no id."""
    if text in {"", ".", ".."} or "/" in text:
        raise BadInput(repr(text), "is no id")
    return quote(text, safe="")


def _is_whole(items: list[Any], meta: Object) -> bool:
    return bool(meta.get("totalIsExact", True)) and len(items) >= int(meta.get("total", 0))


def _pairs(query: Query) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if item is not None:
                yield name, str(item).lower() if isinstance(item, bool) else str(item)


def _answer(call: Call, reply: Reply) -> Answer:
    body = _parsed(call, reply)
    if reply.status >= 400:
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            raise _strange(call, reply)
        raise CallRefused(call, reply.status, error, reply.headers.get("X-Request-Id", ""))
    if not isinstance(body, dict) or reply.status >= 300:
        raise _strange(call, reply)
    if body.get("success") is True:
        meta = body.get("meta")
        data = body.get("data")
        return Answer(data, reply.status, reply.headers, meta if isinstance(meta, dict) else {})
    # a pattern and the nodes come without an envelope
    return Answer(body, reply.status, reply.headers)


def _parsed(call: Call, reply: Reply) -> object:
    try:
        parsed: object = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise _strange(call, reply) from None
    return parsed


def _strange(call: Call, reply: Reply) -> NoAnswer:
    """Say what came instead of an answer of the API."""
    kind = reply.headers.get("Content-Type", "").partition(";")[0] or "nothing that is named"
    target = reply.headers.get("Location")
    if 300 <= reply.status < 400 and target:
        return NoAnswer(
            call, f"the server sends us on to {target}", "use that address, or check it"
        )
    if reply.status >= 500:
        told = f"a server before DragOps answered {reply.status} ({kind}): DragOps is not behind it"
        return NoAnswer(call, told, "repeat in a moment; " + _CHECK)
    told = f"what answered {reply.status} ({kind}) is no DragOps API, or was cut short"
    return NoAnswer(call, told, _CHECK)
