"""Blocks: what they fire comes back to them, with a failure or without."""

import asyncio
from typing import Any

from dragops.compiler.graph import GraphNode
from dragops.errors import RunFailure, RunStopped
from support.reference.signals import BreakLoop, ContinueLoop
from support.reference.walk import Walk


async def try_catch(walk: Walk, node: GraphNode) -> None:
    try:
        try:
            await walk.fire(node, "try")
        except RunFailure as exc:
            await _catch(walk, node, exc)
    except (RunStopped, asyncio.CancelledError) as stop:
        await _last_words(walk, node, stop)
        raise
    except BaseException:
        await walk.fire(node, "finally")
        raise
    await walk.fire(node, "finally")


async def _catch(walk: Walk, node: GraphNode, exc: RunFailure) -> None:
    error = walk.ctx.failure(exc)
    walk.outputs.put(node.id, {"error": error})
    if node.targets.get("catch"):
        await walk.fire(node, "catch")
    else:
        walk.ctx.log("warn", f"dropped: {exc.type}: {exc.message}")


async def _last_words(walk: Walk, node: GraphNode, stop: BaseException) -> None:
    """Run `finally` while the run ends, which it does all the same, whatever happens in there."""
    try:
        await walk.fire(node, "finally")
    except RunFailure as exc:
        walk.ctx.log("warn", f"dropped: {exc.type}: {exc.message}")
    except RunStopped:
        if not isinstance(stop, RunStopped):
            raise  # a timeout ends a part, this ends the whole
    except asyncio.CancelledError:
        if not isinstance(stop, RunStopped):
            raise
    except (BreakLoop, ContinueLoop):
        pass  # there is no turn any more that could go on


async def retry(walk: Walk, node: GraphNode) -> None:
    given = walk.read(node, "maxAttempts", "delay")
    if not 1 <= given["maxAttempts"] <= 100:
        told = f"pin maxAttempts is {given['maxAttempts']}: use 1 to 100"
        raise walk.failed(node, "LimitError", told)
    last = None
    for attempt in range(1, given["maxAttempts"] + 1):
        await walk.ctx.turn()
        walk.outputs.put(node.id, {**walk.outputs.of(node.id), "attempt": attempt})
        if not node.targets.get("body"):
            walk.put(node, **walk.outputs.of(node.id))
        last = await _attempt(walk, node)
        if last is None or attempt == given["maxAttempts"] or not _is_retried(node, last):
            break
        seconds = _wait(walk, node, last, given["delay"], attempt)
        if seconds > 0:
            await walk.ctx.sleep(seconds)
    if last is None:
        await walk.fire(node, "completed")
    elif node.targets.get("failed"):
        await walk.fire(node, "failed")
    else:
        raise last


async def _attempt(walk: Walk, node: GraphNode) -> RunFailure | None:
    try:
        await walk.fire(node, "body")
    except RunFailure as exc:
        error = walk.ctx.failure(exc)
        walk.outputs.put(node.id, {**walk.outputs.of(node.id), "error": error})
        return exc
    return None


def _is_retried(node: GraphNode, exc: RunFailure) -> bool:
    types = node.settings["retryOn"]
    return not types or exc.type in types


def _wait(walk: Walk, node: GraphNode, exc: RunFailure, delay: float, attempt: int) -> float:
    settings = node.settings
    told: Any = exc.data.get("retryAfter") if isinstance(exc.data, dict) else None
    if exc.type == "HttpError" and told is not None:
        return float(min(told, settings["maxDelay"]))
    seconds = min(settings["maxDelay"], delay * settings["factor"] ** (attempt - 1))
    return float(seconds * (0.5 + walk.ctx.random() / 2 if settings["jitter"] else 1))


async def timeout(walk: Walk, node: GraphNode) -> None:
    seconds = walk.read(node, "seconds")["seconds"]
    try:
        if seconds <= 0:
            raise TimeoutError
        async with asyncio.timeout(seconds):
            await walk.fire(node, "body")
    except TimeoutError:
        if seconds > 0:
            await asyncio.sleep(0)  # as programs do: what happens at once has no order of its own
        if not node.targets.get("timedOut"):
            message = f"the body took longer than {seconds} s"
            raise walk.failed(node, "TimeoutError", message) from None
        await walk.fire(node, "timedOut")
    else:
        await walk.fire(node, "completed")
