"""Parallel and For Each Parallel: each branch, and the turn, is a function that becomes tasks."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.graph import GraphNode
from dragops.compiler.literal import literal
from dragops.compiler.unit import Body, Jump, Unit


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    branches = [writer.unit.part(node, pin) for pin in _branches(node) if fired_by(node, pin)]
    steps = [writer.unit.step(body.name) for body in branches]
    if not node.settings["failFast"]:
        steps.append("fail_fast=False")
    if branches:
        writer.unit.imports.nodes.add("parallel")
        writer.body.out.line(f"await parallel.together({', '.join(steps)})", origin=node.id)


def _write_each(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    writer.keep_outputs(node, {"item": "None", "index": "None"})
    collection = writer.reader.read(node, "collection")
    turn = _begin_turn(writer.unit, node)
    arguments = ["ctx", turn.name, writer.unit.given, collection]
    arguments.append(f"concurrency={literal(node.settings['concurrency'])}")
    if not node.settings["failFast"]:
        arguments.append("fail_fast=False")
    writer.unit.imports.nodes.add("parallel")
    writer.body.out.line(f"await parallel.each({', '.join(arguments)})", origin=node.id)


def _begin_turn(unit: Unit, node: GraphNode) -> Body:
    """Give the function of a turn, with what its flow finds there."""
    turn = unit.part(node, "body")
    turn.jump = Jump.TURN
    given = {pin: unit.names.take(pin) for pin in ("item", "index")}
    turn.parameters = ", ".join([unit.given, *given.values()])
    for pin, name in given.items():
        if unit.is_read(node, pin):
            turn.out.line(f"{unit.output(node, pin)} = {name}", origin=node.id)
    for other in (unit.graph.nodes[each] for each in unit.turns.shared[node.id]):
        for output in other.data_outputs():
            if unit.is_read(other, output.name):
                turn.out.line(f"{unit.output(other, output.name)} = None", origin=node.id)
    return turn


def _branches(node: GraphNode) -> list[str]:
    return [f"branch{number}" for number in range(node.settings["count"])]


def _inner(node: GraphNode) -> list[str]:
    return [target for pin in _branches(node) for target in fired_by(node, pin)]


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "completed")]


PARALLEL = FlowRule(_write, _sides, _inner)
FOR_EACH_PARALLEL = FlowRule(_write_each, _sides, fired_by_all("body"))
