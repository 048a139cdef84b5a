"""Which process is ours: a number alone may by now belong to somebody else."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class OwnProcess:
    """A process that the driver started, known by its number and the moment of its start."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "OwnProcess":
        """Describe a process that has just been started."""
        return cls(pid, _start_of(pid) or "")

    def is_alive(self) -> bool:
        """Say whether that very process runs; a zombie does not."""
        return bool(self.started) and _start_of(self.pid) == self.started

    def children(self) -> list[int]:
        """Give the numbers of its children."""
        try:
            return [int(pid) for pid in _children_file(self.pid).read_text().split()]
        except OSError:
            return []

    def end(self, *, seconds: float) -> None:
        """Ask it, or process 1 of the namespaces it holds, to stop; insist after a while."""
        if self.is_alive():
            _send(self._who_listens(), signal.SIGTERM)
        if not self._gone_within(seconds):
            _send(self.pid, signal.SIGKILL)
            self._gone_within(seconds)

    def save(self, path: Path) -> None:
        """Write it down for a later driver."""
        half_done = path.with_suffix(".new")
        half_done.write_text(json.dumps({"pid": self.pid, "started": self.started}))
        half_done.rename(path)

    @classmethod
    def load(cls, path: Path) -> "OwnProcess | None":
        """Read it; None when there is none."""
        try:
            facts = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return cls(facts["pid"], facts["started"])

    def _who_listens(self) -> int:
        inside = [pid for pid in self.children() if _namespace_of(pid) != _namespace_of(self.pid)]
        return inside[0] if inside else self.pid

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def _start_of(pid: int) -> str | None:
    try:
        # The program's name is in brackets and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _children_file(pid: int) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")


def _namespace_of(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""
