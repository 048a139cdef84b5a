"""Nodes that choose what to fire."""

from dragops.compiler.graph import GraphNode
from dragops.nodes.flow import text_of
from support.reference.walk import Walk


async def branch(walk: Walk, node: GraphNode) -> None:
    await walk.fire(node, "true" if walk.read(node)["condition"] else "false")


async def switch(walk: Walk, node: GraphNode) -> None:
    text = text_of(walk.read(node)["value"])
    cases: list[str] = node.settings["cases"]
    await walk.fire(node, f"case{cases.index(text)}" if text in cases else "default")


async def sequence(walk: Walk, node: GraphNode) -> None:
    for number in range(node.settings["count"]):
        await walk.fire(node, f"then{number}")


async def filter_guard(walk: Walk, node: GraphNode) -> None:
    await walk.fire(node, "exec" if walk.read(node)["condition"] else "rejected")
