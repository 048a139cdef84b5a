"""Timeout: an ``async with`` around the body."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import (
    FlowRule,
    FlowWriter,
    Place,
    fired_by,
    fired_by_all,
    write_either,
)
from dragops.compiler.graph import GraphNode
from dragops.compiler.names import wish_of
from dragops.nodes import waits

_BLOCKS = 2
"""What CPython counts for an ``async with``, and one more."""


def _write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
    out = writer.body.out
    others = {"held": "True"} if _splits(node) else {}
    limit = writer.reader.call_to(waits.TimeLimit, node, **others)
    name = writer.unit.names.take(f"{wish_of(node)}_limit")
    is_sure = "seconds" not in node.sources and node.values.get("seconds", 1) > 0
    writer.body.blocks += _BLOCKS
    called = f" as {name}" if _splits(node) or not is_sure else ""
    with out.block(f"async with {limit}{called}", origin=node.id):
        if not is_sure:
            out.line(f"{name}.check()", origin=node.id)
        writer.inner(fired_by(node, "body"))
    writer.body.blocks -= _BLOCKS
    if _splits(node):
        pins = ("timedOut", "completed")
        write_either(writer, node, place, condition=f"{name}.has_passed", pins=pins)


def _splits(node: GraphNode) -> bool:
    return bool(fired_by(node, "timedOut"))


def _sides(node: GraphNode) -> list[Sequence[str]]:
    late = [fired_by(node, "timedOut")] if _splits(node) else []
    return [fired_by(node, "completed"), *late]


TIMEOUT = FlowRule(_write, _sides, fired_by_all("body"), splits=_splits)
