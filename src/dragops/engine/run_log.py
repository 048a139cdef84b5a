"""The log of one run: what its program wrote, in all attempts, within caps."""

import time
from typing import NamedTuple

from dragops.engine.encoding import encoded

LOG_ENTRIES_MAX = 1_000
LOG_BYTES_MAX = 256 * 1024
ENTRY_BYTES_MAX = 16 * 1024


class LogEntry(NamedTuple):
    """A line that a run wrote; ``at`` is milliseconds since 1970."""

    at: int
    level: str
    node_id: str | None
    message: str


class RunLog:
    """Takes entries up to the caps; past them it only counts."""

    __slots__ = ("_bytes_left", "_entries", "dropped")

    def __init__(self) -> None:
        self._entries: list[tuple[int, str, str | None, str]] = []
        """The fields of log entries: orjson writes tuples, but no named ones."""
        self._bytes_left, self.dropped = LOG_BYTES_MAX, 0

    def write(self, level: str, node_id: str | None, message: str) -> LogEntry | None:
        """Add an entry, and give it; None when there is no room for it."""
        size = _size(message)
        if size > ENTRY_BYTES_MAX:
            message, size = _cut(message), ENTRY_BYTES_MAX
        if len(self._entries) >= LOG_ENTRIES_MAX or size > self._bytes_left:
            self.dropped += 1
            return None
        self._bytes_left -= size
        entry = (time.time_ns() // 1_000_000, level, node_id, message)
        self._entries.append(entry)
        return LogEntry(*entry)

    def make_room(self) -> None:
        """Drop what is oldest until half of the room is free: the newest attempt says most."""
        sizes = [_size(message) for *_, message in self._entries]
        first = max(0, len(sizes) - LOG_ENTRIES_MAX // 2)
        taken = sum(sizes[first:])
        while taken > LOG_BYTES_MAX // 2:
            taken -= sizes[first]
            first += 1
        self._bytes_left = LOG_BYTES_MAX - taken
        self.dropped += first
        del self._entries[:first]

    def as_json(self) -> str | None:
        """Give the log as the run store keeps it."""
        return encoded(self._entries) if self._entries else None


def _size(message: str) -> int:
    return len(message) if message.isascii() else len(message.encode("utf-8", "replace"))


def _cut(message: str) -> str:
    kept = message.encode("utf-8", "replace")[: ENTRY_BYTES_MAX - 3]
    return kept.decode("utf-8", "ignore") + "…"
