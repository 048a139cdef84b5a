"""Pictures of patterns: ``dragops graph``, and where its layout puts things."""

from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragops.cli.drawing.layers import columns_of
from dragops.cli.drawing.layout import Area, Layout, layout_of, text_width
from dragops.cli.drawing.mermaid import mermaid_of
from dragops.cli.drawing.order import Piece, ordered
from dragops.cli.drawing.scene import Box, Link, Port, Scene, scene_of
from dragops.cli.drawing.svg import svg_of
from dragops.model.pin import PinType
from support.any_pattern import specs
from support.command import Command
from support.patterns import node, pattern, wires

ROOT = Path(__file__).parents[3]
LOGGER = ROOT / "examples/01-webhook-logger/pattern.yaml"
SVG = "{http://www.w3.org/2000/svg}"


def test_a_pattern_is_drawn_as_mermaid_text(alone: Command) -> None:
    """Thick arrows say what runs next, thin ones carry values; each kind of node has its look."""
    shown = alone.good("graph", str(LOGGER)).out.splitlines()

    assert shown[:4] == ["---", 'title: "Webhook Logger"', "---", "flowchart LR"]
    assert '    n1("<b>Who pushed</b><br/>Get Property · who<br/>key: pusher.name")' in shown
    assert "    n0 ==> n4" in shown
    assert '    n0 -->|"body → object"| n1' in shown
    assert "    class n1,n2,n3 value" in shown


def test_a_picture_is_written_into_a_file_by_its_name(alone: Command, tmp_path: Path) -> None:
    """SVG with the same bytes each time; --format says it where the name does not."""
    to = tmp_path / "graph.svg"

    ran = alone.good("graph", str(LOGGER), "-o", str(to))
    shown = alone.good("graph", str(LOGGER), "--format", "svg").out

    assert ran.out == ""
    assert f"Written to {to}." in ran.err
    assert to.read_text() == shown == LOGGER.with_name("graph.svg").read_text()
    assert alone("graph", str(LOGGER), "--format", "png").code == 2
    other = alone("graph", str(LOGGER), "-o", str(tmp_path / "graph.PNG"))
    assert (other.code, (tmp_path / "graph.PNG").exists()) == (2, False)
    assert "there are no such pictures: name it .svg" in other.err


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    """No script, no style sheet, no image: it can be put anywhere."""
    text = LOGGER.with_name("graph.svg").read_text()

    assert text.count("http") == 1  # the name of SVG itself
    assert {e.tag.removeprefix(SVG) for e in ET.fromstring(text).iter()} == {
        *("svg", "style", "rect", "text", "path", "g", "title", "circle")
    }


def test_faulty_nodes_are_marked_and_all_else_is_drawn(alone: Command) -> None:
    """A picture helps to find what is wrong; the faults stand in the nodes' tips."""
    text = "name: A\ngraphData: {nodes: [{id: s, type: OnStart}, {id: l, type: Lgo}]}"

    ran = alone.good("graph", "-", stdin=text)
    picture = alone.good("graph", "-", "--format", "svg", stdin=text).out

    assert "class n1 faulty" in ran.out
    assert "stdin has faults: dragops check -" in ran.err
    tips = [e.text or "" for e in ET.fromstring(picture).iter(f"{SVG}title")]
    assert "there is no node type Lgo" in tips[1]


def test_a_circle_is_drawn_with_a_link_that_leads_back() -> None:
    """It is a fault, but somebody has to see it."""
    spec = pattern(
        "Round", node("s", "OnStart"), node("a", "Log"), node("b", "Log"),
        wires("s.exec -> a.exec", "a.exec -> b.exec", "b.exec -> a.exec", "b.exec -> b.exec"),
    )  # fmt: skip

    layout = layout_of(scene_of(spec, title="Round"))

    lengths = [len(points) for points in layout.paths]
    assert lengths == [3, 3, 5, 5]
    assert all(y <= layout.height for points in layout.paths for _, y in points)


@pytest.mark.parametrize("text", ['"]-->', "<script>&amp;", "#quot;", "`x`", "a\nb\x1b[31m", "終"])
def test_texts_of_strangers_stay_texts(text: str) -> None:
    """Neither the SVG nor the Mermaid text takes a title for markup."""
    scene = scene_of(pattern(text, node("s", "OnStart", title=text)), title=text)

    titles = [e.text for e in ET.fromstring(svg_of(scene)).iter(f"{SVG}text")]
    drawn = mermaid_of(scene)

    shown = " ".join(text.split()).replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert titles[:2] == [shown, shown]
    label = next(line for line in drawn.splitlines() if line.startswith("    n0"))
    inner = label.removeprefix('    n0(["<b>').partition("</b>")[0]
    assert not set('"<>&`') & set(inner)
    assert "\x1b" not in drawn


@given(specs())
@settings(max_examples=60)
def test_whatever_was_applied_can_be_drawn(spec: object) -> None:
    """Unknown nodes and pins, circles, wires to itself: it is XML, and no box covers another."""
    scene = scene_of(spec, title="T")  # type: ignore[arg-type]  # what the strategy gives

    ET.fromstring(svg_of(scene))
    _no_box_covers_another(layout_of(scene))


def _no_box_covers_another(layout: Layout) -> None:
    for one, other in combinations(layout.areas, 2):
        apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
        apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert apart_x or apart_y


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Boxes that are linked forward, as in patterns without circles."""
    count = draw(st.integers(2, 14))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    links = [
        Link(source, f"o{n % 3}", target, f"i{n}", draw(st.sampled_from([PinType.EXEC, None])))
        for n, (source, target) in enumerate(draw(st.lists(pairs, max_size=24)))
    ]
    looks = st.sampled_from(["event", "value", "action"])
    boxes = [
        Box(
            str(at), "A title", str(at), draw(looks),
            tuple(Port(link.input) for link in links if link.target == at),
            tuple(map(Port, sorted({link.output for link in links if link.source == at}))),
        )
        for at in range(count)
    ]  # fmt: skip
    return Scene("Any", tuple(boxes), tuple(links))


@given(scenes())
@settings(max_examples=120)
def test_links_lead_to_the_right_around_boxes_from_pin_to_pin(scene: Scene) -> None:
    """A link runs level where it passes a column, in a place of its own, and bends in gaps."""
    layout = layout_of(scene)

    _no_box_covers_another(layout)
    for link, points in zip(scene.links, layout.paths, strict=True):
        source, target = layout.areas[link.source], layout.areas[link.target]
        assert points[0][0] == source.x + source.width
        assert source.y < points[0][1] < source.y + source.height
        assert points[-1][0] == target.x
        assert target.y < points[-1][1] < target.y + target.height
        for number, (start, end) in enumerate(pairwise(points)):
            assert start[0] <= end[0]
            if number % 2 == 0:
                assert start[1] == end[1]
                assert not any(_is_crossed(area, start, end) for area in layout.areas)
            else:
                assert not any(_is_beside(area, start, end) for area in layout.areas)


def _is_beside(area: Area, start: tuple[float, float], end: tuple[float, float]) -> bool:
    return start[0] < area.x + area.width and area.x < end[0]


def _is_crossed(area: Area, start: tuple[float, float], end: tuple[float, float]) -> bool:
    meets = start[0] < area.x + area.width and area.x < end[0]
    return meets and area.y < start[1] < area.y + area.height


@pytest.mark.parametrize(
    ("text", "size", "is_bold", "drawn"),
    [
        ("Respond to Webhook", 14, True, 167.3),
        ("What they come to", 14, True, 149.8),
        ("WWWWMMMM", 14, True, 117.5),
        ("tttrrrfff", 14, True, 58.2),
        ("responseMode: ResponseNode", 12, False, 184.0),
        ('fields: [{"name": "items", "type": "Array…', 12, False, 252.8),
        ("ЖЩЮ", 12, False, 39.0),
        ("終了", 12, False, 24.0),
    ],
)
def test_a_text_has_the_room_that_it_takes(
    text: str, size: float, is_bold: bool, drawn: float
) -> None:
    """Widths as the widest of the usual fonts, DejaVu Sans, draws them: none ends outside."""
    assert drawn <= text_width(text, size, is_bold=is_bold) <= 1.25 * drawn


def test_values_stand_right_before_what_reads_them() -> None:
    """A fixed text of the last node is not drawn beside the first one."""
    # start -> a -> b -> c, and a text for c
    found = columns_of(5, [(0, 1), (1, 2), (2, 3), (4, 3)], loose={4})

    assert found.column[:5] == [0, 1, 2, 3, 2]
    assert found.chains[3] == [4, 3]


def test_crossings_that_need_not_be_are_sorted_out() -> None:
    """Two links crosswise become two side by side."""
    pieces = [Piece(0, 0.5, 3, 0.5), Piece(1, 0.5, 2, 0.5)]

    columns = ordered([0, 0, 1, 1], pieces)

    assert columns in ([[0, 1], [3, 2]], [[1, 0], [2, 3]])


def test_a_large_pattern_is_drawn() -> None:
    """A chain of hundreds of nodes is hundreds of columns wide."""
    ids = [f"n{n}" for n in range(400)]
    spec = pattern(
        "Large", node("s", "OnStart"), *(node(id_, "Log", message="x") for id_ in ids),
        wires(*(f"{a}.exec -> {b}.exec" for a, b in pairwise(["s", *ids]))),
    )  # fmt: skip

    picture = svg_of(scene_of(spec, title="Large"))

    assert picture.count("<g ") == 401
