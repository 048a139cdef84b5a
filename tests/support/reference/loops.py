"""Loops: `body` to its end for each turn, then `completed`."""

from collections.abc import Iterable
from typing import Any, NoReturn

from dragops.compiler.graph import GraphNode
from support.reference.signals import BreakLoop, ContinueLoop
from support.reference.walk import Walk


async def for_each(walk: Walk, node: GraphNode) -> None:
    items = walk.read(node)["collection"]
    await _loop(walk, node, ({"item": item, "index": i} for i, item in enumerate(items)))


async def for_each_batch(walk: Walk, node: GraphNode) -> None:
    given = walk.read(node, "collection", "size")
    items, size = given["collection"], given["size"]
    if size < 1:
        raise walk.failed(node, "LimitError", f"pin size is {size}: use 1 or more")
    starts = range(0, len(items), size)
    turns = ({"batch": items[at : at + size], "index": i} for i, at in enumerate(starts))
    await _loop(walk, node, turns)


async def for_range(walk: Walk, node: GraphNode) -> None:
    given = walk.read(node, "start", "end", "step")
    at, end, step = given["start"], given["end"], given["step"]
    if step == 0:
        told = "pin step: a step of 0 leads nowhere: use another number"
        raise walk.failed(node, "MathError", told)

    def indexes() -> Iterable[dict[str, Any]]:
        index = at
        while (index - end) * step < 0 or (index == end and node.settings["inclusive"]):
            yield {"index": index}
            index += step

    await _loop(walk, node, indexes())


async def while_(walk: Walk, node: GraphNode) -> None:
    def turns() -> Iterable[dict[str, Any]]:
        index = 0
        while walk.read(node)["condition"]:
            if index == node.settings["maxTurns"]:
                told = f"larger than the limit: this While takes {index} turns (maxTurns)"
                raise walk.failed(node, "LimitError", told)
            yield {"index": index}
            index += 1

    await _loop(walk, node, turns())


async def break_(_walk: Walk, _node: GraphNode) -> NoReturn:
    raise BreakLoop


async def continue_(_walk: Walk, _node: GraphNode) -> NoReturn:
    raise ContinueLoop


async def _loop(walk: Walk, node: GraphNode, turns: Iterable[dict[str, Any]]) -> None:
    for values in turns:
        walk.outputs.put(node.id, values)
        await walk.ctx.turn()
        if not node.targets.get("body"):
            walk.put(node, **values)
        try:
            await walk.fire(node, "body")
        except ContinueLoop:
            continue
        except BreakLoop:
            break
    await walk.fire(node, "completed")
