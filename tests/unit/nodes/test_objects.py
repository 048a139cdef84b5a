"""Objects beyond the examples of their page: values never change, limits, paths of differences."""

import copy
from typing import Any

import pytest

from dragops.errors import PatternError, RunFailure
from dragops.nodes import object_entries, objects
from dragops.nodes.paths import value_at
from support.patterns import chain, node, pattern, variable, wire
from support.runs import run_pattern

DATA = {"a": {"b": [1, {"c": 2}], "x.y": 3}, "a.b": 4, "n": None}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.b", {"a": {"b": [1, {"c": 2}], "x.y": 3}, "n": None}),
        ('a["x.y"]', {"a": {"b": [1, {"c": 2}]}, "a.b": 4, "n": None}),
        ("n", {"a": {"b": [1, {"c": 2}], "x.y": 3}, "a.b": 4}),
        ('["a"].b[0]', {"a": {"b": [{"c": 2}], "x.y": 3}, "a.b": 4, "n": None}),
        ("a.b[-1].c", None),
        ('["a"]["b"][-1]', {"a": {"b": [1], "x.y": 3}, "a.b": 4, "n": None}),
        ("n.x", DATA),
        ("a[0]", DATA),
        ('["a"].b.c', DATA),
        ('["a"].b[2]', DATA),
        ("", DATA),
    ],
)
def test_a_property_is_removed_at_its_path(path: str, wanted: Any) -> None:
    """From Arrays too; a whole key wins; where nothing is, nothing happens, and never to DATA."""
    before = copy.deepcopy(DATA)
    wanted = wanted or {"a": {"b": [1, {}], "x.y": 3}, "a.b": 4, "n": None}

    assert objects.remove_property(DATA, path) == wanted
    assert before == DATA


def test_a_deep_merge_changes_neither_side() -> None:
    """Objects inside are copied where they are merged."""
    a = {"p": {"q": {"r": 1}, "t": [1]}}
    b = {"p": {"q": {"s": 2}, "t": [2]}}
    before = copy.deepcopy((a, b))

    merged = objects.merge(a, b, deep=True, arrays="concat")

    assert merged == {"p": {"q": {"r": 1, "s": 2}, "t": [1, 2]}}
    assert (a, b) == before


def test_arrays_are_concatenated_in_a_deep_merge_only() -> None:
    """And what is no Object on one side is replaced."""
    assert objects.merge({"t": [1]}, {"t": [2]}, arrays="concat") == {"t": [2]}
    assert objects.merge({"t": {"a": 1}}, {"t": None}, deep=True) == {"t": None}


HALF = {f"a{i}": i for i in range(60_000)}
OTHER = {f"b{i}": i for i in range(60_000)}
LONG = [None] * 60_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: objects.merge(HALF, OTHER),
        lambda: objects.merge({"x": HALF}, {"x": OTHER}, deep=True),
        lambda: objects.merge({"x": LONG}, {"x": LONG}, deep=True, arrays="concat"),
        lambda: objects.make_object({"a": nested(64)}),
        lambda: object_entries.object_entries({"a": nested(63)}),
        lambda: object_entries.diff_objects(
            {"a": HALF, "b": HALF}, {"a": dict.fromkeys(HALF), "b": dict.fromkeys(HALF)}
        ),
        lambda: object_entries.diff_objects(nested(5000), nested(5000)),
        lambda: objects.merge(nested(5000), nested(5000), deep=True),
    ],
)
def test_what_would_be_too_large_is_a_limit_error(make: Any) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        make()


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"a": 1}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize("entry", [None, "ab", [1], [1, 2, 3], {"key": 1}, {"k": 1, "v": 2}])
def test_what_is_no_entry_makes_no_object(entry: Any) -> None:
    """An entry has a key and a value, and nothing else."""
    with pytest.raises(RunFailure, match=r"^ConversionError: pin entries: .*\[key, value\]"):
        object_entries.object_from_entries([entry])


def test_keys_are_picked_by_their_text() -> None:
    """A number is the key that it prints as."""
    assert object_entries.pick_properties({"1": "a", "b": 2}, [1.0, None]) == {"1": "a"}
    assert object_entries.omit_properties({"1": "a", "b": 2}, [1]) == {"b": 2}


def test_keys_can_be_swapped() -> None:
    """They are renamed all at once."""
    swapped = object_entries.rename_properties({"a": 1, "b": 2}, {"a": "b", "b": "a"})

    assert list(swapped.items()) == [("b", 1), ("a", 2)]


def test_paths_of_differences_read_what_differs() -> None:
    """Also through keys that a path cannot hold as they are."""
    before = {"a.b": {"x": 1}, 'q"': {"[0]": {"": 5}}, "l": [1, 2]}
    after = {"a.b": {"x": 2}, 'q"': {"[0]": {"": 6}}, "l": [1, 3]}

    diff = object_entries.diff_objects(before, after)

    assert list(diff.changed) == ['["a.b"].x', '["q\\""]["[0]"][""]', "l"]
    assert [value_at(after, path) for path in diff.changed] == [2, 6, [1, 3]]
    assert diff.equal is False


def test_a_field_that_is_not_found_is_null_whatever_its_type() -> None:
    """Where a text is wanted, the reader makes it one."""
    parts = (
        node("start", "OnStart"),
        node("parts", "BreakObject", object={"n": None}, fields=[*TYPED]),
        node("text", "Concat", a="<"),
        *(node(f"keep-{name}", "SetVariable", name=name) for name in ("gone", "n", "joined")),
        *(variable(name, "Any") for name in ("gone", "n", "joined")),
        *(wire("parts.gone", "keep-gone.value"), wire("parts.n", "keep-n.value")),
        *(wire("parts.gone", "text.b"), wire("text.result", "keep-joined.value")),
        chain("start", "keep-gone", "keep-n", "keep-joined"),
    )

    outcome = run_pattern(pattern("p", *parts), {})

    assert outcome.variables == {"gone": None, "n": "", "joined": "<"}


TYPED = [{"name": "gone", "type": "String"}, {"name": "n", "type": "String"}]


def test_a_required_field_must_be_wired_or_set() -> None:
    """A field list makes pins like any others."""
    made = node("made", "MakeObject", fields=[{"name": "a", "required": True}])

    with pytest.raises(PatternError, match="pin a is required"):
        run_pattern(pattern("p", node("start", "OnStart"), made), {})
