"""Write the reference of the nodes into docs/nodes.md, below its mark; ``--check`` compares.

Pins and descriptions come from the definitions; notes and examples from the pages in
tests/data/nodes, which tests hold to be true. A node that has none there is shown in a pattern.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made
from node_uses import first_uses

from dragops.model.pin import PinType
from dragops.nodes.catalogue import aliases_of, all_definitions
from dragops.nodes.definition import Definition

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "nodes.md"
MARK = (
    "<!-- Below this line: made by tools/nodes.py from the definitions; make fmt writes it. -->\n"
)
KINDS = {"pure": "a value", "impure": "an action", "event": "an event"}
EXAMPLES_SHOWN = 2
USES = first_uses()

sys.path.insert(0, str(ROOT / "tests"))
from support.catalogue_pages import entries, notes_of, written_examples  # noqa: E402  # found there


def reference() -> str:
    """Give the part that is made: a table of contents, then each category."""
    categories: dict[str, list[Definition]] = {}
    for node in all_definitions():
        categories.setdefault(node.category, []).append(node)
    lines = ["| category | nodes |", "|---|---|"]
    for name, nodes in categories.items():
        lines.append(f"| {_link(_title(name), name)} | {_contents(nodes)} |")
    pages = entries()
    for name, nodes in categories.items():
        lines += ["", f"## {_title(name)}"]
        for node in nodes:
            lines += _described(node, pages[node.type])
    return "\n".join(lines) + "\n"


def _title(category: str) -> str:
    return f"Category {category}"


def _link(title: str, text: str) -> str:
    anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    return f"[{text}](#{anchor})"


def _contents(nodes: list[Definition]) -> str:
    return ", ".join(_link(node.type, node.label) for node in nodes)


def _described(node: Definition, entry: str) -> Iterator[str]:
    older = aliases_of(node.type)
    named = f" Older names: {', '.join(f'`{name}`' for name in older)}." if older else ""
    yield from ("", f"### {node.type}", "")
    yield f"**{node.label}**, {KINDS[node.kind.value]}. {_text(node.description)}{named}"
    if notes := _linked(notes_of(entry)):
        yield from ("", _text(notes))
    if rows := [*_rows(node)]:
        yield from ("", "| | name | type | default |", "|---|---|---|---|", *rows)
    if shown := written_examples(entry)[:EXAMPLES_SHOWN]:
        yield from ("", "```yaml", *(f"{given}  # => {result}" for given, result in shown), "```")
    else:
        use = USES[node.type]
        yield from ("", f"As in [{use.title}]({use.folder}):", "", "```yaml", *use.lines, "```")


def _linked(notes: str) -> str:
    """Turn what is said for tests away, and the rules of the catalogue's page into those here."""
    return re.sub(r"\b2\.2\b", "[Values](#values)", notes.partition(" In the test context:")[0])


def _rows(node: Definition) -> Iterator[str]:
    groups = (("input", node.inputs), ("setting", node.properties), ("output", node.outputs))
    for group, pins in groups:
        for pin in pins:
            if pin.type is not PinType.EXEC or group == "output":
                cells = (group, f"`{pin.name}`{_dots(pin)}", _type(pin), _default(group, pin))
                yield f"| {' | '.join(cells)} |"


def _dots(pin: Any) -> str:
    return " …" if getattr(pin, "dynamic", False) else ""


def _type(pin: Any) -> str:
    shown = f"{pin.type.value}: {', '.join(pin.members)}" if pin.members else str(pin.type.value)
    return (
        f"{shown} or null" if getattr(pin, "nullable", False) and pin.type.value != "Any" else shown
    )


def _default(group: str, pin: Any) -> str:
    if group == "output" or getattr(pin, "dynamic", False):
        return ""
    if pin.required:
        return "required"
    written = json.dumps(pin.default, ensure_ascii=False)
    return f"`{written.replace('|', chr(92) + '|')}`"


def _text(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def main() -> int:
    """Write the page, or say that it is stale."""
    return made.write([made.below(PAGE, MARK, reference())])


if __name__ == "__main__":
    sys.exit(main())
