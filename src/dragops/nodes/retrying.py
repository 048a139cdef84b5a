"""Retry: numbers the attempts, waits between them, and decides on each failure."""

from collections.abc import Sequence
from typing import Any, Self

from dragops.errors import FAILURE_TYPES
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.limits import out_of_range

category = Category("Flow Control")

ATTEMPTS_MAX = 100


class Attempts:
    """The attempts of one Retry, and what stands around each of them.

    ``held``: the last failure is for the pattern to see (``has_failed``), or is raised later on.
    """

    def __init__(
        self,
        ctx: Context,
        max_attempts: int = 3,
        delay: float = 1,
        factor: float = 2,
        max_delay: float = 60,
        jitter: bool = True,
        retry_on: Sequence[str] = (),
        *,
        held: bool = False,
    ) -> None:
        if not 1 <= max_attempts <= ATTEMPTS_MAX:
            raise out_of_range("maxAttempts", max_attempts, f"use 1 to {ATTEMPTS_MAX}")
        self.failure: dict[str, Any] | None = None
        """What the last attempt that failed has failed of."""
        self.has_failed = False
        self._last: Exception | None = None
        self._ctx, self._most, self._retry_on, self._is_held = ctx, max_attempts, retry_on, held
        self._delay, self._factor, self._longest = max(delay, 0), factor, max_delay
        self._has_jitter, self._attempt, self._goes_on = jitter, 0, True

    def __aiter__(self) -> Self:
        """Give itself: there is one row of attempts."""
        return self

    async def __anext__(self) -> int:
        """Wait, and give the number of the next attempt, from 1."""
        if not self._goes_on:
            raise StopAsyncIteration
        if self._attempt and (seconds := self._wait()) > 0:
            await self._ctx.sleep(seconds)
        await self._ctx.turn()
        self._attempt += 1
        return self._attempt

    def __enter__(self) -> None:
        """Begin an attempt; unless it fails it is the last."""
        self._goes_on = False

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> bool:
        """Hold a failure that is to be tried again, or that the pattern wants to see."""
        if not isinstance(exc, Exception):
            return False
        self.failure, self._last = self._ctx.failure(exc), exc
        is_wanted = not self._retry_on or self.failure["type"] in self._retry_on
        self._goes_on = is_wanted and self._attempt < self._most
        self.has_failed = not self._goes_on
        return self._goes_on or self._is_held

    def raise_last(self) -> None:
        """Raise the failure of the last attempt, if it failed."""
        if self.has_failed and self._last is not None:
            raise self._last

    def _wait(self) -> float:
        asked = _retry_after(self.failure)
        if asked is not None:
            return min(asked, self._longest)
        try:
            seconds = min(self._longest, self._delay * self._factor ** (self._attempt - 1))
        except OverflowError:
            seconds = self._longest
        return seconds * (0.5 + self._ctx.random() / 2) if self._has_jitter else seconds


def _retry_after(failure: dict[str, Any] | None) -> float | None:
    data = failure["data"] if failure and failure["type"] == "HttpError" else None
    asked = data.get("retryAfter") if isinstance(data, dict) else None
    return asked if isinstance(asked, int | float) and not isinstance(asked, bool) else None


def _attempts(value: int) -> int:
    if not 1 <= value <= ATTEMPTS_MAX:
        raise ValueError(f"use 1 to {ATTEMPTS_MAX}")
    return value


def _types(value: list[Any]) -> list[Any]:
    for each in value:
        if each not in FAILURE_TYPES:
            raise ValueError(f"use types of failures: {', '.join(FAILURE_TYPES)}")
    return value


category.declare(
    "Retry impure (exec, maxAttempts: Integer = 3, delay: Float = 1)"
    " [factor: Float = 2, maxDelay: Float = 60, jitter: Boolean = true, retryOn: Array = []]"
    " -> (body: Exec, completed: Exec, failed: Exec, attempt: Integer, error: Object)",
    "Runs body until it does not fail, with a growing wait before each new attempt. After the last"
    " one failed fires if it is wired, else the failure is raised.",
    checks={"maxAttempts": _attempts, "retryOn": _types},
)
