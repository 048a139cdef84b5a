"""Equal, empty, paths, templates and JSON: what the nodes share."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dragops.errors import RunFailure
from dragops.nodes.json_text import dumps, loads
from dragops.nodes.limits import bounded_depth
from dragops.nodes.paths import NOT_FOUND, value_at, with_value_at
from dragops.nodes.templates import filled, placeholders_of, read_template
from dragops.nodes.values import equal, is_empty

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
EARLY = NOON.astimezone(timezone(timedelta(hours=-8)))


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (1, 1.0, True),
        (1, True, False),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
        ([1, [True]], [1.0, [True]], True),
        ([1], [True], False),
        ([1], [1, 2], False),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {}, False),
        ({}, [], False),
        (NOON, EARLY, True),
        (NOON, "2026-03-05T12:00:00.000Z", False),
        (b"a", b"a", True),
        (b"a", "a", False),
    ],
)
def test_equal_compares_kind_and_value(a: Any, b: Any, wanted: bool) -> None:
    """In both directions."""
    assert equal(a, b) is wanted
    assert equal(b, a) is wanted


def test_an_hour_that_clocks_show_twice_is_not_equal_to_itself() -> None:
    """DateTimes are compared by instant, in one zone too."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert not equal(first, first.replace(fold=1))
    assert equal(first, first.astimezone(UTC))


def test_equal_refuses_what_nests_without_end() -> None:
    """A webhook's body may nest deeper than Python calls."""
    deep: list[Any] = []
    other: list[Any] = []
    for _ in range(5000):
        deep, other = [deep], [other]

    with pytest.raises(RunFailure, match="LimitError"):
        equal(deep, other)


@pytest.mark.parametrize("value", [None, "", [], {}, b""])
def test_nothing_is_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, " ", [None], {"a": None}])
def test_something_is_not_empty(value: Any) -> None:
    assert not is_empty(value)


DATA = {"a": {"b": [5, {"c": 1}]}, "a.b": "whole", "x-y": 2, "p.q/r": 3, "n": None}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("", DATA),
        ("a.b", "whole"),
        ("a.b[0]", 5),
        ("a.b[-1].c", 1),
        ("x-y", 2),
        ('["p.q/r"]', 3),
        ('a["b"][1]["c"]', 1),
        ("n", None),
        ("n.x", NOT_FOUND),
        ("a.b[2]", NOT_FOUND),
        ("a.b[0].c", NOT_FOUND),
        ("a[0]", NOT_FOUND),
        ("gone", NOT_FOUND),
    ],
)
def test_a_path_reads_what_is_there(path: str, wanted: Any) -> None:
    """Or says that nothing is."""
    assert value_at(DATA, path) == wanted


@pytest.mark.parametrize(
    "path", ["a..b", ".a", "a.", "a[", "a[x]", "a]", '["a', "[0]x", "a.[0]", '"']
)
def test_a_malformed_path_is_a_parse_error(path: str) -> None:
    """Wherever it arrives by wire."""
    with pytest.raises(RunFailure, match=r"^ParseError: malformed"):
        value_at({}, path)


@pytest.mark.parametrize(
    ("value", "path", "wanted"),
    [
        ({}, "a.b.c", {"a": {"b": {"c": 9}}}),
        ({"a": None}, "a.b", {"a": {"b": 9}}),
        ({"t": [1, 2]}, "t[0]", {"t": [9, 2]}),
        ({"t": [1, 2]}, "t[-1]", {"t": [1, 9]}),
        ({"t": [1]}, "t[1]", {"t": [1, 9]}),
        ({"a.b": 1, "a": {}}, "a.b", {"a.b": 9, "a": {}}),
        ({"t": [{}]}, "t[0].x", {"t": [{"x": 9}]}),
    ],
)
def test_writing_at_a_path_leaves_the_old_value_alone(value: Any, path: str, wanted: Any) -> None:
    """Values never change: the result is another one."""
    before = dumps(value)

    assert with_value_at(value, path, 9) == wanted
    assert dumps(value) == before


@pytest.mark.parametrize(
    ("value", "path", "failure"),
    [
        ({"t": []}, "t[1]", "KeyError"),
        ({}, "t[0]", "KeyError"),
        ({"a": 1}, "a.b", "ConversionError"),
        ({"a": "x"}, "a[0]", "ConversionError"),
        ({"a": {}}, "a[0]", "ConversionError"),
        ({"t": [1]}, "t.x", "ConversionError"),
    ],
)
def test_writing_where_nothing_can_stand_fails(value: Any, path: str, failure: str) -> None:
    with pytest.raises(RunFailure) as caught:
        with_value_at(value, path, 9)
    assert caught.value.type == failure


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("", ""),
        ("{{}}", "{}"),
        ("{{{a}}}", "{1}"),
        ("{b.c} {b.gone}|{n}", "2 |"),
        ('{["x y"]}', "3"),
        ("{d}", "[1,2]"),
    ],
)
def test_a_template_is_filled_from_its_values(template: str, wanted: str) -> None:
    values = {"a": 1, "b": {"c": 2.0}, "n": None, "x y": 3, "d": [1, 2]}
    assert filled(template, values) == wanted


@pytest.mark.parametrize("template", ["{", "}", "{a", "a}", "{}", "{a{b}}", "{a..b}"])
def test_any_other_brace_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"brace|malformed"):
        read_template(template)


def test_the_first_keys_of_a_template_name_pins() -> None:
    """Each once, and only those that can be pin names."""
    assert placeholders_of('{user.name} {repo} {user.id} {["a b"]} {x-y} {[0]}') == ("user", "repo")


@pytest.mark.parametrize("text", ["", " ", "NaN", "[1,]", "{'a': 1}", "1 2", '"\\ud800"'])
def test_what_is_no_json_is_a_parse_error(text: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: not JSON: "):
        loads(text)


def test_json_comes_back_as_it_went() -> None:
    """Integers up to 64 bits keep their digits, Floats their point; a BOM is skipped."""
    value = {"a": [1, 2.0, None, "é\u2028", 2**63], "b": {}}

    assert repr(loads("\ufeff" + dumps(value))) == repr(value)


@pytest.mark.parametrize(
    "text",
    ["[" * 70 + "]" * 70, "[" * 9_000 + "]" * 9_000, '{"a":' * 2_000, "[" + "0," * 100_000 + "0]"],
    ids=["too deep", "far too deep", "deep without an end", "too long"],
)
def test_json_beyond_the_limits_of_values_is_refused(text: str) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        loads(text)


def test_the_depth_of_a_value_that_holds_itself_twice_is_found_at_once() -> None:
    """Sixty levels, and more items at the lowest than anybody could look at."""
    doubled: list[Any] = [1]
    for _ in range(63):
        doubled = [doubled, doubled]

    bounded_depth(doubled)
    with pytest.raises(RunFailure, match=r"^LimitError: .*values nest 64 levels"):
        bounded_depth(doubled, under=1)
