"""Joins and order as plain data: letters for nodes, `bc|d` for two sides, the first firing b, c."""

import pytest

from dragops.compiler.joins import find_joins
from dragops.compiler.order import after_successors, cycles

ROWS = [
    ("a line", {"a": "b", "b": "c"}, {}, ""),
    ("a diamond", {"a": "b|c", "b": "d", "c": "d"}, {"a": "d"}, ""),
    ("one side is empty", {"a": "b|d", "b": "d"}, {"a": "d"}, ""),
    ("one side ends", {"a": "b|c", "b": "d"}, {}, ""),
    ("one side ends, two meet", {"a": "b|c|", "b": "d", "c": "d"}, {}, "d"),
    ("a diamond in a diamond", {"a": "b|c", "b": "d|e", "d": "f", "e": "f", "c": "f"},
     {"a": "f", "b": "f"}, ""),
    ("diamonds in a row", {"a": "b|c", "b": "d", "c": "d", "d": "e|f", "e": "g", "f": "g"},
     {"a": "d", "d": "g"}, ""),
    ("meets too early for all", {"a": "b|c|d", "b": "e", "c": "e", "e": "f", "d": "f"}, {}, "ef"),
    ("crossing rows", {"a": "b|c", "b": "d|e", "c": "d|e"}, {}, "de"),
    ("fired twice by one output", {"a": "bb"}, {}, "b"),
    ("two outputs in a row", {"a": "bc", "b": "d", "c": "d"}, {}, "d"),
    ("meets, and is fired from elsewhere", {"a": "bd", "b": "e|f", "e": "d", "f": "d"},
     {"b": "d"}, "d"),
    ("no sides", {"a": "", "b": "a"}, {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("graph", "merges", "is_open"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_sides_merge_where_all_of_them_arrive(
    graph: dict[str, str], merges: dict[str, str], is_open: str
) -> None:
    """A node entered from several places otherwise stays open."""
    found = find_joins(
        [next(iter(graph))],
        lambda node: [list(side) for side in graph.get(node, "").split("|")],
        lambda _node: [],
    )

    assert found.merges == merges
    assert found.open == set(is_open)


def test_a_flow_that_comes_back_never_merges() -> None:
    """What a loop's body fires is entered from there and from nowhere else."""
    found = find_joins(
        ["a"],
        lambda node: [["b"], ["c"]] if node == "a" else [["d"]] if node in "bc" else [],
        lambda node: ["d"] if node == "b" else [],
    )

    assert found.merges == {"a": "d"}
    assert found.open == {"d"}


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "a"}, [["a"]]),
        ({"c": "b", "b": "a", "a": "c"}, [["a", "c", "b"]]),
        ({"a": "bc", "b": "cd", "c": "a", "d": "a"}, [["a", "c"]]),
        ({"a": "b", "b": "a", "x": "y", "y": "xa"}, [["a", "b"], ["x", "y"]]),
    ],
)
def test_a_cycle_is_told_once_from_its_first_node(
    graph: dict[str, str], found: list[list[str]]
) -> None:
    """The shortest way round, whatever order the nodes stand in."""
    assert cycles(graph, lambda node: graph[node]) == found
    assert cycles(reversed(graph), lambda node: graph[node]) == found


def test_each_comes_after_its_successors() -> None:
    graph = {"a": "bc", "b": "d", "c": "d", "d": ""}
    assert after_successors("a", lambda node: graph[node]) == ["d", "b", "c", "a"]
