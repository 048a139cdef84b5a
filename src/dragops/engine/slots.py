"""How many runs of a deployment go at a time, and how many may wait."""

from collections import deque

from dragops.engine.run import Run
from dragops.errors import Overloaded


class Slots:
    """Counts one deployment's runs in this process.

    A place is reserved before a run is accepted, so that the recorder is told the truth: a run
    with a free slot begins at once, any other waits.
    """

    __slots__ = ("busy", "promised", "waiting")

    def __init__(self) -> None:
        self.busy = 0
        self.promised = 0
        """Places in the queue, reserved for runs that are being accepted or will be tried again."""
        self.waiting: deque[Run] = deque()

    def reserve(self, *, concurrency: int, queue: int) -> bool:
        """Reserve a slot (True) or a place in the queue (False); Overloaded when it is full."""
        if self.busy < concurrency:
            self.busy += 1
            return True
        if len(self.waiting) + self.promised >= queue:
            raise Overloaded("too many runs of this deployment are waiting")
        self.promised += 1
        return False

    def promise(self) -> None:
        """Keep a place in the queue for a run that comes back, full or not."""
        self.promised += 1

    def give_back(self, *, at_once: bool) -> None:
        """Give back what was reserved, as the run was not accepted."""
        if at_once:
            self.busy -= 1
        else:
            self.promised -= 1

    def queue_or_take(self, run: Run, *, concurrency: int) -> bool:
        """Turn a place in the queue into a slot (True) when one is free by now, or wait."""
        self.promised -= 1
        if self.busy < concurrency:
            self.busy += 1
            return True
        self.waiting.append(run)
        return False

    def withdraw(self, run_id: str) -> Run | None:
        """Take a run out of the queue; give it if it waited there."""
        run = next((waiting for waiting in self.waiting if waiting.id == run_id), None)
        if run is not None:
            self.waiting.remove(run)
        return run

    def leave(self) -> Run | None:
        """Leave a slot; give the run that takes it over."""
        if self.waiting:
            return self.waiting.popleft()
        self.busy -= 1
        return None
