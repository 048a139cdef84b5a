"""A pattern as Mermaid text, which GitHub, GitLab and most wikis draw."""

import json
from collections.abc import Iterator

from dragops.cli.drawing.scene import TITLE_MAX, VALUE_MAX, Box, Link, Scene, shortened

_STYLES = {
    "event": "fill:#fdeaf1,stroke:#c2255c,color:#212529",
    "flow": "fill:#fff1e3,stroke:#d9480f,color:#212529",
    "action": "fill:#e9f8ec,stroke:#2b8a3e,color:#212529",
    "value": "fill:#e6f2fd,stroke:#1864ab,color:#212529",
    "unknown": "fill:#f1f3f5,stroke:#495057,color:#212529",
}
_SHAPES = {"event": ('(["', '"])'), "flow": ('{{"', '"}}'), "value": ('("', '")')}
_ENTITIES = {ord(mark): f"#{ord(mark)};" for mark in '#"<>&`'}


def mermaid_of(scene: Scene) -> str:
    """Give the text: thick arrows say what runs next, thin ones carry values."""
    return "".join(f"{line}\n" for line in _lines(scene))


def _lines(scene: Scene) -> Iterator[str]:
    yield "---"
    yield f"title: {json.dumps(shortened(scene.title, TITLE_MAX), ensure_ascii=False)}"
    yield "---"
    yield "flowchart LR"
    for at, box in enumerate(scene.boxes):
        yield f"    {_box(at, box)}"
    for link in scene.links:
        yield f"    {_link(link)}"
    for look, style in _STYLES.items():
        if names := [f"n{at}" for at, box in enumerate(scene.boxes) if box.look == look]:
            yield f"    classDef {look} {style}"
            yield f"    class {','.join(names)} {look}"
    if faulty := [f"n{at}" for at, box in enumerate(scene.boxes) if box.faults]:
        yield "    classDef faulty stroke:#e03131,stroke-width:3px"
        yield f"    class {','.join(faulty)} faulty"


def _box(at: int, box: Box) -> str:
    before, after = _SHAPES.get(box.look, ('["', '"]'))
    lines = [f"<b>{_escaped(box.title)}</b>", _escaped(box.label)]
    lines += [f"{_escaped(name)}: {_escaped(value)}" for name, value in box.values]
    return f"n{at}{before}{'<br/>'.join(lines)}{after}"


def _link(link: Link) -> str:
    if link.is_exec:
        said = "" if link.output == "exec" else f'|"{_escaped(link.output)}"|'
        return f"n{link.source} ==>{said} n{link.target}"
    said = f"{_escaped(link.output)} → {_escaped(link.input)}"
    return f'n{link.source} -->|"{said}"| n{link.target}'


def _escaped(text: str) -> str:
    return shortened(text, VALUE_MAX + TITLE_MAX).translate(_ENTITIES)
