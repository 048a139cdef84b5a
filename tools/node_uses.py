"""Where a node is used: in an example, or else in a pattern of the tests, with its wires."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
WIRES_SHOWN = 6
_SHOWN = ("id", "type", "values")


class Use(NamedTuple):
    """A node in a pattern."""

    title: str
    """Of the pattern."""
    folder: str
    """Where the pattern is, from docs/."""
    lines: list[str]
    """The node and the wires at it, as the manifest has them."""


def first_uses() -> dict[str, Use]:
    """Give for each node type the first pattern that uses it; examples come first."""
    found: dict[str, Use] = {}
    for path in _patterns():
        for document in yaml.safe_load_all(path.read_text()):
            spec = document.get("spec", document)
            folder = f"../{path.parent.relative_to(ROOT).as_posix()}/"
            for node in spec["nodes"]:
                use = Use(spec["title"], folder, [*_excerpt(node, spec["wires"])])
                found.setdefault(node["type"], use)
    return found


def _patterns() -> Iterator[Path]:
    yield from sorted(ROOT.glob("examples/*/*pattern.yaml"))
    yield from sorted(ROOT.glob("tests/data/programs/*/pattern.yaml"))


def _excerpt(node: dict[str, Any], wires: list[dict[str, str]]) -> Iterator[str]:
    yield "nodes:"
    yield f"  - {_written({key: node[key] for key in _SHOWN if key in node})}"
    touching = [wire for wire in wires if node["id"] in {_node(end) for end in wire.values()}]
    if touching:
        yield "wires:"
        yield from (f"  - {_written(wire)}" for wire in touching[:WIRES_SHOWN])


def _node(end: str) -> str:
    return end.partition(".")[0]


def _written(value: dict[str, Any]) -> str:
    return yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    ).strip()
