"""Flow control. Most of it is a rule in ``dragops.compiler.flows``; here is what runs."""

import sys
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, NoReturn, TypeAlias

from dragops.errors import RunFailure, RunStopped
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import to_string
from dragops.nodes.definition import DYNAMIC_PINS_MAX, DynamicPins, Pin, Settings

category = Category("Flow Control")

Step: TypeAlias = Callable[[], Awaitable["Step | None"]]


def text_of(value: Any) -> str | None:
    """Give the text by which Switch compares; null, Objects and Arrays match no case."""
    if type(value) is str:
        return value
    return None if value is None or isinstance(value, dict | list) else to_string(value, "value")


_ENDING = ContextVar("_ENDING", default=False)


def is_ending() -> bool:
    """Say whether a ``finally`` flow asks, of what was stopped: it may still run, for a while."""
    return _ENDING.get()


async def follow(step: Step | None) -> None:
    """Run a flow and whichever it hands on to, one after another instead of nested."""
    while step is not None:
        step = await step()


def drop(ctx: Context, failure: dict[str, Any]) -> None:
    """Warn of a failure that Try / Catch was told to pass over."""
    ctx.log("warn", f"dropped: {failure.get('type')}: {failure.get('message')}")


class Ending:
    """Stands around a ``finally`` flow: a run that is to stop stops, whatever happens in there.

    Made before the ``try``, as a stop that is under way around it is none of its business.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx, self._around = ctx, sys.exception()

    def __enter__(self) -> None:
        """Remember what stops the flow around, if anything does."""
        why = sys.exception()
        is_stopped = why is not self._around and isinstance(why, RunStopped | CancelledError)
        self._stop = why if is_stopped else None
        self._before = _ENDING.set(_ENDING.get() or is_stopped)

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        """Go on with what stops the run, and only warn of a failure."""
        _ENDING.reset(self._before)
        if exc is None or self._stop is None:
            return
        if isinstance(exc, RunStopped) and not isinstance(self._stop, RunStopped):
            return  # a cancelled part was to end, now the whole run is
        if isinstance(exc, Exception):
            drop(self._ctx, self._ctx.failure(exc))
        raise self._stop


def _cases(value: list[Any]) -> list[Any]:
    texts: list[str] = []
    for case in value:
        if isinstance(case, bool) or not isinstance(case, str | int | float):
            raise ValueError("each case must be a String or a number")
        texts.append(to_string(case, "cases"))
        if texts[-1] in texts[:-1]:
            raise ValueError(f"the case {texts[-1][:200]!r} is there twice")
    return texts


def _case_pins(settings: Settings) -> DynamicPins:
    return _numbered("case", len(settings["cases"]))


def _then_pins(settings: Settings) -> DynamicPins:
    return _numbered("then", settings["count"])


def _numbered(name: str, count: int) -> DynamicPins:
    # a Switch of 5,000 cases is refused before its pins are made
    pins = (Pin(f"{name}{i}", PinType.EXEC) for i in range(min(count, DYNAMIC_PINS_MAX + 1)))
    return DynamicPins(outputs=tuple(pins))


def _count(value: int) -> int:
    if not 1 <= value <= DYNAMIC_PINS_MAX:
        raise ValueError(f"use 1 to {DYNAMIC_PINS_MAX}")
    return value


category.declare(
    "Branch impure (exec, condition: Boolean!) -> (true: Exec, false: Exec)",
    "Goes on at true or at false, as condition says.",
)
category.declare(
    "Switch impure (exec, value: Any!) [cases: Array = []] -> (...case: Exec, default: Exec)",
    "Fires the first case whose text equals the text of value, else default.",
    checks={"cases": _cases},
    dynamic=_case_pins,
)
category.declare(
    "Sequence impure (exec) [count: Integer = 2] -> (...then: Exec)",
    "Runs then0 to its end, then then1, and so on; a failure stops it.",
    checks={"count": _count},
    dynamic=_then_pins,
)
category.declare(
    "FilterGuard impure (exec, condition: Boolean!) -> (exec, rejected: Exec)",
    "Goes on only if condition is true; else rejected fires.",
)
category.declare(
    'TryCatch "Try / Catch" impure (exec)'
    " -> (try: Exec, catch: Exec, finally: Exec, error: Object)",
    "Runs try; on a failure catch, with error; then finally, always. Go on from finally.",
)


@category.node('ThrowError impure (exec, message: String = "Error", data: Any) -> ()')
def throw_error(message: str = "Error", data: Any = None) -> NoReturn:
    """Raise a ThrownError with this message and data."""
    raise RunFailure("ThrownError", message, data)
