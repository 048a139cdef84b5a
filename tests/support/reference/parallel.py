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
    await _all(map(branch, wired), is_fast=node.settings["failFast"])
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


async def _all(flows: Iterable[Flow], *, is_fast: bool, at_once: int | None = None) -> None:
    """Run flows together; raise what stops the run, else the failure that counts."""
    flows = list(flows)
    # the order of what happens at once is free: this is the one that programs have
    together = _Together(flows, is_fast, waits=at_once is not None)
    # no TaskGroup: in Python 3.11 its failure counts as a cancellation of what is around it
    tasks = [asyncio.create_task(together.work()) for _ in flows[:at_once]]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _end(tasks)
        for exc in together.raised:
            if isinstance(exc, RunStopped):
                raise exc
    if together.raised:
        raise together.raised[0]
    if together.failures:
        raise together.failures[min(together.failures)]


class _Together:
    """Flows that go on at the same time, and how they have ended."""

    def __init__(self, flows: Iterable[Flow], is_fast: bool, *, waits: bool) -> None:
        self.failures: dict[int, RunFailure] = {}
        self.raised: list[RunFailure | RunStopped] = []
        self._waiting, self._is_fast = iter(enumerate(flows)), is_fast
        self._waits = waits

    async def work(self) -> None:
        """Run one flow after another, until none waits or the rest is not to begin."""
        for number, flow in self._waiting:
            if self.raised:
                return
            await self._run(number, flow)
            if self._waits:
                await asyncio.sleep(0)

    async def _run(self, number: int, flow: Flow) -> None:
        try:
            await flow()
        except RunFailure as exc:
            self.failures[number] = exc
            if self._is_fast:
                self.raised.append(exc)
                raise
        except RunStopped as exc:
            self.raised.append(exc)
            raise


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel flows and see them end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
