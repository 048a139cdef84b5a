"""Where everything of a scene is: boxes in columns, links around them. Next: ``svg`` draws it."""

import unicodedata
from dataclasses import dataclass

from dragops.cli.drawing.heights import Pull, tops_of
from dragops.cli.drawing.layers import columns_of
from dragops.cli.drawing.order import Piece, ordered
from dragops.cli.drawing.scene import Box, Link, Scene

ROW, HEAD, PAD = 20.0, 42.0, 8.0
GAP_X, GAP_Y, PIECE_GAP, MARGIN, TOP = 84.0, 28.0, 14.0, 40.0, 72.0
_EXEC_WEIGHT, _PIECE_WEIGHT = 4.0, 2.0
_NARROW = dict.fromkeys("iIjJl'", 0.32) | dict.fromkeys(" .,:;|/\\ftr()[]-!·", 0.42)
_WIDE = dict.fromkeys("mMW@%…", 1.03) | dict.fromkeys("w#&+<=>^~→", 0.84)
_WIDTHS = {**dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.78), **_NARROW, **_WIDE}
_LETTER, _BOLD = 0.65, 1.18
"""As wide as in DejaVu Sans, the widest of the fonts that a picture may be shown in."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """Where a box is."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is."""

    areas: list[Area]
    paths: list[list[Point]]
    """For each link the points that it goes through: level and curved in turn, level first."""
    width: float
    height: float


def layout_of(scene: Scene) -> Layout:
    """Give each box its place, and each link its way."""
    boxes, links = scene.boxes, scene.links
    edges = [(link.source, link.target) for link in links]
    loose = {at for at, box in enumerate(boxes) if box.is_value}
    found = columns_of(len(boxes), edges, loose)
    sizes = [size_of(box) for box in boxes]
    pieces = len(found.column) - len(boxes)
    heights = [height + GAP_Y for _, height in sizes] + [PIECE_GAP] * pieces
    hops = [_hops(scene, link, chain) for link, chain in zip(links, found.chains, strict=True)]
    level = [
        hop for each in hops for hop in each if found.column[hop.left] < found.column[hop.right]
    ]
    columns = ordered(found.column, [_piece(hop, heights) for hop in level])
    tops = tops_of(columns, heights, level)
    lefts, widths, width = _columns(columns, sizes)
    areas = [Area(lefts[found.column[at]], tops[at] + TOP, *sizes[at]) for at in range(len(boxes))]
    ways = [
        _way(hops_, areas, [(lefts[c], widths[c]) for c in found.column], tops) for hops_ in hops
    ]
    lowest = max((area.y + area.height for area in areas), default=TOP)
    return Layout(areas, ways, width, max([lowest, *_ys(ways)]) + MARGIN)


def size_of(box: Box) -> tuple[float, float]:
    """Give width and height of a box."""
    rows = max(len(box.inputs) + len(box.values), len(box.outputs))
    left = [text_width(port.text, 12) for port in box.inputs]
    left += [text_width(f"{name}: {value}", 12) for name, value in box.values]
    right = [text_width(port.text, 12) for port in box.outputs]
    pairs = [
        (left[row] if row < len(left) else 0) + (right[row] if row < len(right) else 0)
        for row in range(rows)
    ]
    head = max(text_width(box.title, 14, is_bold=True), text_width(box.label, 11)) + 24
    width = max([150.0, head, *(pair + 52 for pair in pairs)])
    return width, HEAD + rows * ROW + (PAD if rows else 0)


def input_y(box: Box, name: str) -> float:
    """Give how far below its box's top an input is."""
    return _row_y(box, [port.name for port in box.inputs].index(name))


def output_y(box: Box, name: str) -> float:
    """Give how far below its box's top an output is."""
    return _row_y(box, [port.name for port in box.outputs].index(name))


def _row_y(box: Box, row: int) -> float:
    return HEAD + PAD / 2 + (row + 0.5) * ROW


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Guess how wide a text is, rather too wide than too narrow."""
    return sum(map(_width, text)) * size * (_BOLD if is_bold else 1.0)


def _width(letter: str) -> float:
    if letter.isascii():
        return _WIDTHS.get(letter, _LETTER)
    if unicodedata.category(letter) in {"Mn", "Me"}:
        return 0.0
    # symbols are mostly pictures, which fonts draw wider than letters of East Asia
    is_picture = unicodedata.category(letter) == "So"
    is_wide = unicodedata.east_asian_width(letter) in {"W", "F"} or letter.isupper()
    return _WIDTHS.get(letter, 1.3 if is_picture else 1.1 if is_wide else 0.75)


def _hops(scene: Scene, link: Link, chain: list[int]) -> list[Pull]:
    boxes = scene.boxes
    offsets = [PIECE_GAP / 2] * len(chain)
    offsets[0] = output_y(boxes[link.source], link.output)
    offsets[-1] = input_y(boxes[link.target], link.input)
    weight = _EXEC_WEIGHT if link.is_exec else 1.0
    found = []
    for at in range(len(chain) - 1):
        inner = _PIECE_WEIGHT if at and at < len(chain) - 2 else 1.0
        found.append(Pull(chain[at], offsets[at], chain[at + 1], offsets[at + 1], weight * inner))
    return found


def _piece(hop: Pull, heights: list[float]) -> Piece:
    return Piece(
        hop.left,
        hop.left_offset / heights[hop.left],
        hop.right,
        hop.right_offset / heights[hop.right],
    )


def _columns(
    columns: list[list[int]], sizes: list[tuple[float, float]]
) -> tuple[list[float], list[float], float]:
    """Give left edge and width of each column, and the width of all."""
    lefts, widths, x = [], [], MARGIN
    for items in columns:
        widest = max((sizes[item][0] for item in items if item < len(sizes)), default=0.0)
        lefts.append(x)
        widths.append(widest)
        x += widest + GAP_X
    return lefts, widths, max(x - GAP_X, MARGIN) + MARGIN


def _way(
    hops: list[Pull], areas: list[Area], spans: list[tuple[float, float]], tops: list[float]
) -> list[Point]:
    """Give the points of a link: level to its column's edge and through others, curved between."""
    first = areas[hops[0].left]
    points = [(first.x + first.width, first.y + hops[0].left_offset)]
    for hop in hops:
        x, width = spans[hop.left]
        start = (x + width, tops[hop.left] + TOP + hop.left_offset)
        end = (spans[hop.right][0], tops[hop.right] + TOP + hop.right_offset)
        if end[0] < start[0]:
            # a link that closes a circle leads back below both of its boxes
            low = max(areas[at].y + areas[at].height for at in (hop.left, hop.right)) + GAP_Y / 2
            points += [start, (start[0], low), (end[0], low), end]
        else:
            points += [start, end]
    return points


def _ys(ways: list[list[Point]]) -> list[float]:
    return [y for way in ways for _, y in way]
