"""Flows that go on at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from dragops.compiler.graph import GraphNode
from dragops.errors import RunFailure, RunStopped
from support.reference.signals import ContinueLoop
from support.reference.walk import Walk

Flow = Callable[[], Awaitable[None]]


async def parallel(walk: Walk, node: GraphNode) -> None:
    def branch(number: int) -> Flow:
        return lambda: walk.fire(node, f"branch{number}")

    count = node.settings["count"]
    wired = [number for number in range(count) if node.targets.get(f"branch{number}")]
    await _all(map(branch, wired), is_fast=node.settings["failFast"], at_once=count)
    await walk.fire(node, "completed")


async def for_each_parallel(walk: Walk, node: GraphNode) -> None:
    items = walk.read(node)["collection"]

    def turn(index: int) -> Flow:
        own = walk.turn(node, "body")

        async def run() -> None:
            own.outputs.put(node.id, {"item": items[index], "index": index})
            await own.ctx.turn()
            with suppress(ContinueLoop):
                await own.fire(node, "body")

        return run

    settings = node.settings
    turns = map(turn, range(len(items)))
    await _all(turns, is_fast=settings["failFast"], at_once=settings["concurrency"])
    await walk.fire(node, "completed")


async def _all(flows: Iterable[Flow], *, is_fast: bool, at_once: int) -> None:
    """Run flows together; raise what stops the run, else the failure that counts."""
    slots, failures = asyncio.Semaphore(at_once), dict[int, RunFailure]()
    is_over = asyncio.Event()  # nothing begins any more, though a slot may be free

    async def run(number: int, flow: Flow) -> None:
        async with slots:
            if not is_over.is_set() and (stop := await _end_of(flow)):
                if isinstance(stop, RunFailure):
                    failures[number] = stop
                if is_fast or isinstance(stop, RunStopped):
                    is_over.set()
                    raise stop

    try:
        async with asyncio.TaskGroup() as group:
            for number, flow in enumerate(flows):
                group.create_task(run(number, flow))
    except BaseExceptionGroup as several:
        stopped = [each for each in several.exceptions if isinstance(each, RunStopped)]
        raise (stopped or several.exceptions)[0] from None
    if failures:
        raise failures[min(failures)]


async def _end_of(flow: Flow) -> RunFailure | RunStopped | None:
    try:
        await flow()
    except (RunFailure, RunStopped) as stop:
        return stop
    return None
