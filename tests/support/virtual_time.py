"""An event loop whose clock stands still while there is work, and jumps while all is waiting.

Waits cost nothing, timeouts come exactly when they should, and a flow that waits for nothing that
will ever happen is an error instead of a hang.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

from typing_extensions import override

Result = TypeVar("Result")
Ts = TypeVarTuple("Ts")

_APART = 1e-9


def run_in_virtual_time(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Counts seconds from 0, those that timers ask for and no others."""

    def __init__(self) -> None:
        self._seconds, self._timers = 0.0, 0
        super().__init__(_Jumping(self))

    @override
    def time(self) -> float:
        return self._seconds

    @override
    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        # of timers for the same time the one that was made first comes first
        self._timers += 1
        return super().call_at(when + self._timers * _APART, callback, *args, context=context)

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds


class _Jumping(selectors.SelectSelector):
    """Instead of waiting for the next timer, lets the time pass until it."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if timeout is None and not found:
            raise RuntimeError("everything waits, and nothing will ever happen")
        if timeout:
            self._loop.jump(timeout)
        return found
