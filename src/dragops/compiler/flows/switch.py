"""Switch: ``match`` over texts; cases that fire the same stand together."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import (
    FlowRule,
    FlowWriter,
    Place,
    always,
    fired_by,
    no_inner,
)
from dragops.compiler.graph import GraphNode


def _write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
    value = writer.reader.read(node, "value")
    writer.unit.imports.nodes.add("flow")
    merge = writer.unit.joins.merges.get(node.id)
    with writer.body.out.block(f"match flow.text_of({value})", origin=node.id):
        groups = _groups(writer, node)
        if len(groups) > 1 and groups[-1][0] in ((), (merge,)):
            groups.pop()
        for targets, patterns in groups:
            with writer.body.out.block(f"case {' | '.join(patterns)}", origin=node.id):
                writer.side(node, targets, place)


def _groups(writer: FlowWriter, node: GraphNode) -> list[tuple[tuple[str, ...], list[str]]]:
    patterns: dict[tuple[str, ...], list[str]] = {}
    for number, text in enumerate(node.settings["cases"]):
        pattern = writer.unit.imports.literal(text)
        patterns.setdefault(tuple(fired_by(node, f"case{number}")), []).append(pattern)
    rest = tuple(fired_by(node, "default"))
    others = [group for group in patterns.items() if group[0] != rest]
    return [*others, (rest, ["_"])]


def _sides(node: GraphNode) -> list[Sequence[str]]:
    pins = [f"case{number}" for number in range(len(node.settings["cases"]))]
    return list({tuple(fired_by(node, pin)): None for pin in (*pins, "default")})


SWITCH = FlowRule(_write, _sides, no_inner, splits=always)
