"""Time in flows: Delay waits, Timeout lets no flow take longer than it may."""

import asyncio
from datetime import datetime
from typing import Any, Literal, Self

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.context import Context

category = Category("Flow Control")

_SECONDS = {"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600}
_LONGEST = 1e9
"""No run lasts that long, and clocks can still reckon with it."""


@category.node(
    "Delay impure (exec, duration: Float = 1, until: DateTime?)"
    ' [unit: Enum(milliseconds|seconds|minutes|hours) = "seconds"] -> (exec)'
)
async def delay(
    ctx: Context,
    duration: float = 1,
    until: datetime | None = None,
    unit: Literal["milliseconds", "seconds", "minutes", "hours"] = "seconds",
) -> None:
    """Wait for a time, or until one; past the run's deadline it fails at once."""
    if until is None:
        seconds = max(0, min(duration, _LONGEST)) * _SECONDS[unit]
    else:
        seconds = (until - ctx.now()).total_seconds()
    if seconds > 0:
        await ctx.sleep(seconds)


class TimeLimit:
    """Stands around the body of Timeout, and cancels it in the end.

    ``held``: that time is up is for the pattern to see, in ``has_passed``; else it is a failure.
    """

    def __init__(self, seconds: float = 30, *, held: bool = False) -> None:
        self.has_passed = False
        self._seconds, self._is_held = seconds, held

    def check(self) -> None:
        """Leave the body before anything of it has run, where it has no time at all."""
        if self._seconds <= 0:
            raise _NoTime

    async def __aenter__(self) -> Self:
        """Begin to count."""
        self._before = _cancelling()
        self._until = asyncio.get_running_loop().time() + min(self._seconds, _LONGEST)
        self._limit = asyncio.timeout_at(self._until)
        await self._limit.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, exc: Any, trace: Any) -> bool:
        """Say whether the body is left because its time is up; what else ends it goes on."""
        try:
            await self._limit.__aexit__(kind, exc, trace)
        except TimeoutError:
            self.has_passed = True
        else:
            self.has_passed = self._is_late(exc)
        if self.has_passed and isinstance(exc, asyncio.CancelledError):
            # what runs on while a cancellation is thrown in loses its traceback, and so its node,
            # if it fails under a handler (CPython 3.11): the task is to be entered anew
            await asyncio.sleep(0)
        if self.has_passed and not self._is_held:
            message = f"the body took longer than {self._seconds} s"
            raise RunFailure("TimeoutError", message) from None
        return self.has_passed

    def _is_late(self, exc: BaseException | None) -> bool:
        if exc is None:
            # no cancellation can reach a body that never waits
            return asyncio.get_running_loop().time() >= self._until
        if isinstance(exc, asyncio.CancelledError):
            # Python 3.11.2 does not know its own cancellation in a task that is cancelled already
            return self._limit.expired() and _cancelling() <= self._before
        return isinstance(exc, _NoTime)


class _NoTime(BaseException):
    """Leaves a body that may not even begin."""


def _cancelling() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


category.declare(
    "Timeout impure (exec, seconds: Float = 30) -> (body: Exec, completed: Exec, timedOut: Exec)",
    "Runs body, then completed; if that takes longer, body is cancelled and timedOut fires.",
)
