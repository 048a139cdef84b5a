"""Flows that go on at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
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
    # a TaskGroup of Python 3.11 forgets a cancellation that comes with a failure
    slots, failures = asyncio.Semaphore(at_once), dict[int, RunFailure]()
    raised: list[RunFailure | RunStopped] = []  # nothing begins after that, though a slot be free

    async def run(number: int, flow: Flow) -> None:
        async with slots:
            if not raised and (stop := await _end_of(flow)):
                if isinstance(stop, RunFailure):
                    failures[number] = stop
                if is_fast or isinstance(stop, RunStopped):
                    raised.append(stop)
                    raise stop

    tasks = [asyncio.create_task(run(number, flow)) for number, flow in enumerate(flows)]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        _raise_first([stop for stop in raised if isinstance(stop, RunStopped)])
    _raise_first(raised)
    _raise_first([failures[number] for number in sorted(failures)])


def _raise_first(found: Sequence[BaseException]) -> None:
    for each in found:
        raise each


async def _end_of(flow: Flow) -> RunFailure | RunStopped | None:
    try:
        await flow()
    except (RunFailure, RunStopped) as stop:
        return stop
    return None
