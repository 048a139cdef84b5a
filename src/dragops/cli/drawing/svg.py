"""A pattern as an SVG picture: one file, no script, no font and no image from elsewhere."""

from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from dragops.cli.drawing.layout import (
    HEAD,
    MARGIN,
    PAD,
    ROW,
    Area,
    Layout,
    Point,
    input_y,
    layout_of,
    output_y,
    size_of,
    text_width,
)
from dragops.cli.drawing.scene import Box, Link, Port, Scene, shortened
from dragops.model.pin import PinType

_HEADS = {
    "event": "#c2255c",
    "flow": "#d9480f",
    "action": "#2b8a3e",
    "value": "#1864ab",
    "unknown": "#495057",
}
_TYPES = {
    PinType.EXEC: "#343a40",
    PinType.STRING: "#d6336c",
    PinType.INTEGER: "#0c8599",
    PinType.FLOAT: "#2f9e44",
    PinType.BOOLEAN: "#c92a2a",
    PinType.OBJECT: "#1971c2",
    PinType.ARRAY: "#7048e8",
    PinType.DATETIME: "#e67700",
    PinType.BINARY: "#5c940d",
    PinType.ENUM: "#a61e4d",
}
_OTHER = "#868e96"
_STYLE = (
    "text{font-family:system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#212529}"
    ".t{font-size:14px;font-weight:600;fill:#fff}.l{font-size:11px;fill:#fff;opacity:.85}"
    ".p{font-size:12px}.v{font-size:12px;fill:#6c757d}.n{font-size:20px;font-weight:600}"
    ".w{fill:none;stroke-width:1.8;opacity:.85}.x{fill:none;stroke-width:2.6}"
)
_RADIUS = 8
_TURN = 40.0


def svg_of(scene: Scene) -> str:
    """Give the picture's text."""
    layout = layout_of(scene)
    return "".join(f"{line}\n" for line in _lines(scene, layout))


def _lines(scene: Scene, layout: Layout) -> Iterator[str]:
    title = shortened(scene.title, 80)
    width = max(layout.width, text_width(title, 20, is_bold=True) + 2 * MARGIN)
    size = f'width="{width:.0f}" height="{layout.height:.0f}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {width:.0f} {layout.height:.0f}" role="img" aria-label={quoteattr(title)}>'
    )
    yield f"<style>{_STYLE}</style>"
    yield f'<rect {size} fill="#f8f9fa"/>'
    yield f'<text class="n" x="{MARGIN:.0f}" y="42">{escape(title)}</text>'
    ways = [*zip(scene.links, layout.paths, strict=True)]
    # what runs next is drawn over what is carried
    for link, points in sorted(ways, key=lambda way: way[0].is_exec):
        yield _path(link, points)
    for box, area in zip(scene.boxes, layout.areas, strict=True):
        yield from _box(box, area)
    yield "</svg>"


def _path(link: Link, points: list[Point]) -> str:
    x, y = points[0]
    drawn = [f"M{x:.1f} {y:.1f}"]
    for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        if number % 2 == 0:
            drawn.append(f"L{x2:.1f} {y2:.1f}")
            continue
        # where a link turns round, both of its ends look to the same side
        bend = (x2 - x1) / 2 if x2 > x1 else _TURN if number == 1 else -_TURN
        back = bend if x2 > x1 else -bend
        drawn.append(f"C{x1 + bend:.1f} {y1:.1f} {x2 - back:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    look = "x" if link.is_exec else "w"
    return f'<path class="{look}" stroke="{_colour(link.type)}" d="{"".join(drawn)}"/>'


def _box(box: Box, area: Area) -> Iterator[str]:
    width, height = size_of(box)
    colour = _HEADS[box.look]
    edge = 'stroke="#e03131" stroke-width="3"' if box.faults else 'stroke="#ced4da"'
    yield f'<g transform="translate({area.x:.1f} {area.y:.1f})">'
    yield f"<title>{escape(_tip(box))}</title>"
    yield f'<rect width="{width:.1f}" height="{height:.1f}" rx="{_RADIUS}" fill="#fff" {edge}/>'
    yield f'<path d="{_head_shape(width, is_all=height == HEAD)}" fill="{colour}"/>'
    yield f'<text class="t" x="12" y="19">{escape(box.title)}</text>'
    yield f'<text class="l" x="12" y="34">{escape(box.label)}</text>'
    yield from _rows(box, width)
    yield "</g>"


def _rows(box: Box, width: float) -> Iterator[str]:
    for port in box.inputs:
        y = input_y(box, port.name)
        yield _pin(port, 0, y)
        yield f'<text class="p" x="14" y="{y + 4:.1f}">{escape(port.text)}</text>'
    for row, (name, value) in enumerate(box.values, len(box.inputs)):
        y = HEAD + PAD / 2 + (row + 0.5) * ROW
        yield f'<text class="v" x="14" y="{y + 4:.1f}">{escape(f"{name}: {value}")}</text>'
    for port in box.outputs:
        y = output_y(box, port.name)
        yield _pin(port, width, y)
        yield (
            f'<text class="p" x="{width - 14:.1f}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(port.text)}</text>"
        )


def _pin(port: Port, x: float, y: float) -> str:
    colour = _colour(port.type)
    if port.type is PinType.EXEC:
        shape = f"M{x - 5:.1f} {y - 5:.1f}L{x + 5:.1f} {y:.1f}L{x - 5:.1f} {y + 5:.1f}z"
        return f'<path d="{shape}" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}" stroke="#fff"/>'


def _head_shape(width: float, *, is_all: bool) -> str:
    """Give the outline of a head: round above, and below where nothing follows."""
    r, head, right = _RADIUS, HEAD, f"{width - _RADIUS:.1f}"
    start = head - r if is_all else head
    top = f"M0 {start:.1f}V{r}Q0 0 {r} 0H{right}Q{width:.1f} 0 {width:.1f} {r}V{start:.1f}"
    if not is_all:
        return f"{top}z"
    return f"{top}Q{width:.1f} {head:.1f} {right} {head:.1f}H{r}Q0 {head:.1f} 0 {start:.1f}z"


def _tip(box: Box) -> str:
    return "\n".join([f"{box.title} ({box.label})", *box.faults])


def _colour(type_: PinType | None) -> str:
    return _TYPES.get(type_, _OTHER) if type_ else _OTHER
