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
    await _all(map(branch, range(count)), is_fast=node.settings["failFast"], at_once=count)
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

    async def run(number: int, flow: Flow) -> None:
        async with slots:
            try:
                await flow()
            except RunFailure as exc:
                failures.setdefault(number, exc)
                if is_fast:
                    raise

    try:
        async with asyncio.TaskGroup() as group:
            for number, flow in enumerate(flows):
                group.create_task(run(number, flow))
    except BaseExceptionGroup as exc:
        stopped = [each for each in exc.exceptions if isinstance(each, RunStopped)]
        raise (stopped or exc.exceptions)[0] from None
    if failures:
        raise failures[min(failures)]
