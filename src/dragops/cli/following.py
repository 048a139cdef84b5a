"""Runs of a deployment as they end: by the server's stream, else by looking now and then.

The stream only says that a run has ended; the run is then read. Whatever a stream may have missed
(it broke, the server forgot) is found by listing again, so that no run is left out or told twice.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dragops.cli.api import part
from dragops.cli.failures import CallRefused, Exit, NoAnswer, exit_of
from dragops.cli.running import UNFINISHED
from dragops.cli.session import Session

RUNS_MAX = 100
"""Between two looks not more runs than these are found."""
PAUSE_SECONDS = 1.0
SILENCE_SECONDS = 45.0
"""The server says every 15 seconds that it is there."""
Run = dict[str, Any]


class Follower:
    """Follows one deployment; ``told`` are the runs that were shown already."""

    def __init__(self, session: Session, deployment: str, told: set[str]) -> None:
        self._session, self._deployment, self._told = session, deployment, told
        self._has_stream, self._is_lost = True, False

    def runs(self) -> Iterator[Run]:
        """Yield each run once, after its end, for ever; an API that is away may come back."""
        while True:
            try:
                yield from self._listed()
                self._is_lost = False
                if self._has_stream:
                    yield from self._streamed()
            except (NoAnswer, CallRefused) as exc:
                self._endure(exc)
            time.sleep(PAUSE_SECONDS)

    def _endure(self, exc: NoAnswer | CallRefused) -> None:
        if exit_of(exc) is not Exit.AWAY:
            raise exc
        if not self._is_lost:
            self._session.note(f"{exc}; trying again until it is back")
        self._is_lost = True

    def _listed(self) -> Iterator[Run]:
        path = f"/api/deployments/{part(self._deployment)}/runs"
        for run in reversed(self._session.api.pages(path, {}, RUNS_MAX)):
            if run["status"] not in UNFINISHED:
                yield from self._once(run)

    def _streamed(self) -> Iterator[Run]:
        query = {"deploymentId": self._deployment}
        try:
            lines = self._session.api.lines("/api/runs/stream", query, seconds=SILENCE_SECONDS)
            for event, data in events_of(lines):
                if event == "greeting":
                    # what ended between the last look and now
                    yield from self._listed()
                elif event == "run.finished" and data.get("runId") not in self._told:
                    path = f"/api/runs/{part(str(data['runId']))}"
                    yield from self._once(self._session.api.get(path).data)
                elif event in {"gap", "end"}:
                    return
        except CallRefused as exc:
            # a server without the stream takes its name for a run's id; to listen is a right
            if exc.status not in {403, 404}:
                raise
            self._has_stream = False

    def _once(self, run: Run) -> Iterator[Run]:
        if run["id"] not in self._told:
            self._told.add(run["id"])
            yield run


def events_of(lines: Iterator[bytes]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read server-sent events; the end of the first block is the greeting."""
    event, data = "greeting", b""
    for line in lines:
        name, _, value = line.rstrip(b"\r").partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            event = value.decode(errors="replace")
        elif name == b"data":
            data += value
        elif not line.strip() and event:
            yield event, _parsed(data)
            event, data = "", b""


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
