"""Flows at the same time: the branches of Parallel, the turns of For Each Parallel.

Each is a task. What stops the run stops all of them; a failure counts when all have ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from dragops.errors import RunStopped
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.definition import DYNAMIC_PINS_MAX, DynamicPins, Pin, Settings
from dragops.nodes.flow import Step, follow
from dragops.nodes.loops import ContinueLoop

category = Category("Flow Control")


class Turn:
    """What nodes have put out in one turn, and where they have not, in the flow around it."""

    def __init__(self, around: "Turn | None" = None) -> None:
        self._around = around

    def __getattr__(self, name: str) -> Any:
        """Look around for what this turn has not put out; in the end it is null."""
        around = self._around
        while around is not None:
            put_out = vars(around)
            if name in put_out:
                return put_out[name]
            around = put_out["_around"]
        return None


_Flow = Callable[[], Coroutine[Any, Any, None]]
Body = Callable[[Turn, Any, int], Awaitable[Step | None]]


async def together(*branches: Step, fail_fast: bool = True) -> None:
    """Run branches at the same time, to their ends or to the first failure."""
    failures: dict[int, Exception] = {}

    async def run(number: int, branch: Step) -> None:
        try:
            await follow(branch)
        except Exception as exc:
            failures[number] = exc
            if fail_fast:
                raise

    await _all([partial(run, number, branch) for number, branch in enumerate(branches)], [])
    _raise_first(failures)


async def each(
    ctx: Context,
    body: Body,
    around: Turn,
    collection: list[Any],
    concurrency: int = 8,
    fail_fast: bool = True,
) -> None:
    """Run a turn for each item, ``concurrency`` at a time, to their ends or the first failure."""
    failures: dict[int, Exception] = {}
    waiting, errors = iter(enumerate(collection)), list[BaseException]()

    async def work() -> None:
        for index, item in waiting:
            if errors:
                return
            await ctx.turn()
            try:
                await follow(partial(body, Turn(around), item, index))
            except ContinueLoop:
                pass
            except Exception as exc:
                failures[index] = exc
                if fail_fast:
                    raise
            await asyncio.sleep(0)  # turns that have waited go on before a new one begins

    await _all([work] * min(concurrency, len(collection)), errors)
    _raise_first(failures)


async def _all(flows: list[_Flow], errors: list[BaseException]) -> None:
    """Run flows; once one has raised into ``errors``, none begins and the others are cancelled."""
    # no TaskGroup: until Python 3.13 its failure counts as a cancellation of the task around it,
    # which a Timeout further out then takes for the run's

    async def noted(flow: _Flow) -> None:
        try:
            if not errors:
                await flow()
        except (Exception, RunStopped) as exc:
            errors.append(exc)
            raise

    tasks = [asyncio.create_task(noted(flow)) for flow in flows]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _end(tasks)
        for error in errors:
            if isinstance(error, RunStopped):
                raise error
    if errors:
        raise errors[0]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel what still goes on, and wait for it."""
    going = [task for task in tasks if not task.done()]
    for task in going:
        task.cancel()
    try:
        if going:
            await asyncio.wait(going)
    except asyncio.CancelledError:
        for task in going:
            task.cancel()
        raise
    for task in tasks:
        if not task.cancelled():
            task.exception()  # each is known already


def _raise_first(failures: dict[int, Exception]) -> None:
    if failures:
        raise failures[min(failures)]


def _branch_pins(settings: Settings) -> DynamicPins:
    pins = (Pin(f"branch{number}", PinType.EXEC) for number in range(settings["count"]))
    return DynamicPins(outputs=tuple(pins))


def _from_one_to_most(value: int) -> int:
    if not 1 <= value <= DYNAMIC_PINS_MAX:
        raise ValueError(f"use 1 to {DYNAMIC_PINS_MAX}")
    return value


category.declare(
    "Parallel impure (exec) [count: Integer = 2, failFast: Boolean = true]"
    " -> (...branch: Exec, completed: Exec)",
    "Runs all branches at the same time, then completed.",
    checks={"count": _from_one_to_most},
    dynamic=_branch_pins,
)
category.declare(
    "ForEachParallel impure (exec, collection: Array!)"
    " [concurrency: Integer = 8, failFast: Boolean = true]"
    " -> (body: Exec, completed: Exec, item: Any, index: Integer)",
    "Runs body for each item, up to concurrency turns at a time, then completed.",
    checks={"concurrency": _from_one_to_most},
)
