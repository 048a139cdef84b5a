"""Webhook events of undeployed deployments: the last 20 of each endpoint, for testing."""

import itertools
from collections import deque
from typing import Any, NamedTuple

_KEPT = 20
_EVENT_BYTES = 1_048_576
TOTAL_BYTES = 33_554_432


class _Captured(NamedTuple):
    number: int
    size: int
    event: dict[str, Any]


class Captures:
    """Keeps events in memory, up to ``total_bytes``; they are gone with the process."""

    def __init__(self, total_bytes: int = TOTAL_BYTES) -> None:
        self._total_bytes, self._bytes = total_bytes, 0
        self._numbers = itertools.count()
        self._events: dict[tuple[str, str], deque[_Captured]] = {}
        """By deployment's uid and node; what has captured last stands last."""

    def add(self, uid: str, node_id: str, event: dict[str, Any], size: int) -> None:
        """Keep an event, unless it is too large to be looked at."""
        if size > _EVENT_BYTES:
            return
        events = self._events.pop((uid, node_id), deque())
        self._events[uid, node_id] = events
        events.append(_Captured(next(self._numbers), size, event))
        self._bytes += size
        if len(events) > _KEPT:
            self._drop_oldest((uid, node_id))
        while self._bytes > self._total_bytes:
            self._drop_oldest(next(iter(self._events)))

    def of(self, uid: str) -> list[dict[str, Any]]:
        """Give what was captured for a deployment, newest first."""
        found = (
            (captured.number, {"nodeId": node_id, **captured.event})
            for (owner, node_id), events in self._events.items()
            if owner == uid
            for captured in events
        )
        return [event for _, event in sorted(found, key=lambda item: -item[0])]

    def _drop_oldest(self, place: tuple[str, str]) -> None:
        self._bytes -= self._events[place].popleft().size
        if not self._events[place]:
            del self._events[place]
