"""Retry: an ``async for`` over the attempts, and around each a ``with`` that decides."""

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
from dragops.compiler.unit import Jump
from dragops.nodes import retrying

_BLOCKS = 3
"""What CPython counts for an ``async for`` with a ``with`` in it."""


def _write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
    out, names = writer.body.out, writer.begin_outputs(node)
    others = {"held": "True"} if _splits(node) or "error" in names else {}
    attempts = writer.reader.call_to(retrying.Attempts, node, **others)
    name = writer.unit.names.take(f"{wish_of(node)}_attempts")
    out.line(f"{name} = {attempts}", origin=node.id)
    with out.block(f"async for {names.get('attempt', '_')} in {name}", origin=node.id):
        with out.block(f"with {name}", origin=node.id):
            _write_body(writer, node, names)
        if "error" in names:
            out.line(f"{names['error']} = {name}.failure", origin=node.id)
    if _splits(node):
        pins = ("failed", "completed")
        write_either(writer, node, place, condition=f"{name}.has_failed", pins=pins)
    elif "error" in names:
        out.line(f"{name}.raise_last()", origin=node.id)


def _write_body(writer: FlowWriter, node: GraphNode, names: dict[str, str]) -> None:
    body, fired = writer.body, fired_by(node, "body")
    if not fired:
        writer.keep_outputs(node, names)
    body.blocks += _BLOCKS
    # Python's own break would end the attempts
    with body.jumping(Jump.TURN if body.jump is Jump.TURN else Jump.RAISE):
        writer.inner(fired)
    body.blocks -= _BLOCKS


def _splits(node: GraphNode) -> bool:
    return bool(fired_by(node, "failed"))


def _sides(node: GraphNode) -> list[Sequence[str]]:
    failed = [fired_by(node, "failed")] if _splits(node) else []
    return [fired_by(node, "completed"), *failed]


RETRY = FlowRule(_write, _sides, fired_by_all("body"), splits=_splits)
