"""Webhook events of undeployed deployments: the last 20 of each endpoint, for testing."""

from collections import deque
from typing import Any

_KEPT = 20
_BYTES_MAX = 1_048_576


class Captures:
    """Keeps events in memory; they are gone with the process."""

    def __init__(self) -> None:
        self._events: dict[tuple[str, str], deque[dict[str, Any]]] = {}

    def add(self, deployment: str, node_id: str, captured: dict[str, Any], size: int) -> None:
        """Keep an event, unless it is too large to be looked at."""
        if size <= _BYTES_MAX:
            place = (deployment, node_id)
            self._events.setdefault(place, deque(maxlen=_KEPT)).append(captured)

    def of(self, deployment: str) -> list[dict[str, Any]]:
        """Give what was captured for a deployment, newest first."""
        found = (
            {"nodeId": node_id, **captured}
            for (name, node_id), events in self._events.items()
            if name == deployment
            for captured in events
        )
        return sorted(found, key=lambda captured: str(captured["at"]), reverse=True)
