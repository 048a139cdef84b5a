"""Arrays beyond the examples of their page: order, Equal items, positions, limits, no change."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import array_items, array_order, arrays

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HUGE = 10**400
FULL = [None] * 100_000


def test_kinds_have_an_order_and_the_rest_keeps_theirs() -> None:
    """Boolean, number, DateTime, String, the rest; null is last in both directions."""
    items = [None, {"b": 1}, "a", "B", NOON, 2, 1.5, True, False, [0], None]

    rising = [False, True, 1.5, 2, NOON, "B", "a", {"b": 1}, [0], None, None]
    falling = [{"b": 1}, [0], "a", "B", NOON, 2, 1.5, True, False, None, None]
    assert array_order.sort(items) == rising
    assert array_order.sort(items, order="desc") == falling


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_sorting_is_stable(order: str) -> None:
    """What is the same stays in the order in which it came, falling too."""
    items = [{"k": 1, "v": 1}, {"k": 1.0, "v": 2}, {"k": True, "v": 3}, {"k": 1, "v": 4}]

    ones = [item["v"] for item in array_order.sort(items, path="k", order=order) if item["v"] != 3]

    assert ones == [1, 2, 4]


def test_long_integers_are_ordered_exactly() -> None:
    """A Float beside them takes nothing from their digits."""
    assert array_order.sort([2**53 + 1, float(2**53), HUGE, -HUGE]) == [
        -HUGE,
        float(2**53),
        2**53 + 1,
        HUGE,
    ]


@pytest.mark.parametrize(
    ("operation", "nothing"),
    [
        ("sum", 0),
        ("product", 1),
        ("min", None),
        ("max", None),
        ("average", None),
        ("count", 0),
        ("join", ""),
        ("first", None),
        ("last", None),
        ("concat", []),
        ("merge", {}),
    ],
)
def test_nothing_left_reduces_to_what_changes_nothing(operation: str, nothing: Any) -> None:
    """Nulls are left out first, and what is not at the path."""
    assert repr(array_order.reduce([], operation)) == repr(nothing)
    assert repr(array_order.reduce([None, {"a": None}, 5], operation, "a")) == repr(nothing)


@pytest.mark.parametrize(
    ("items", "operation", "wanted"),
    [
        ([1, 3], "average", 2),
        ([1.0, 3], "average", 2.0),
        (["2", True, 0.5], "sum", 3.5),
        ([2**60, 2**60], "sum", 2**61),
        (["b", True, 3, NOON], "max", "b"),
        (["b", True, 3, NOON], "min", True),
        ([[2], [1]], "max", [2]),
        ([None, 2, 1], "first", 2),
        ([2, [1], {"a": 1.0}], "join", '2, [1], {"a":1.0}'),
        ([{"a": 1}, {"a": None, "b": 2}], "merge", {"a": None, "b": 2}),
    ],
)
def test_values_reduce_to_one(items: list[Any], operation: str, wanted: Any) -> None:
    """By the rules of Add, of order, and of texts."""
    assert repr(array_order.reduce(items, operation)) == repr(wanted)


@pytest.mark.parametrize(
    ("items", "operation"), [([[1]], "sum"), ([{}], "product"), ([1], "merge")]
)
def test_what_is_of_the_wrong_kind_does_not_reduce(items: list[Any], operation: str) -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError: pin array"):
        array_order.reduce(items, operation)


def test_equal_items_are_found_by_kind_and_value() -> None:
    """In a's order; the first of each is kept."""
    a = [2, 1, 2.0, True, "1", {"x": 1, "y": 2}, None]
    b = [{"y": 2, "x": 1.0}, 1.0, 2, None]

    assert arrays.intersection(a, b) == [2, 1, {"x": 1, "y": 2}, None]
    assert repr(arrays.difference(a, b)) == "[True, '1']"
    assert repr(arrays.unique([[1], [1.0], [True], NOON, NOON])) == repr([[1], [True], NOON])


def test_long_arrays_are_compared_in_no_time() -> None:
    """Each item is looked up, not searched for."""
    numbers = list(range(100_000))

    assert arrays.difference(numbers, numbers) == []
    assert len(arrays.intersection(numbers, numbers[::-1])) == 100_000
    found = array_items.filter_(numbers, "", "in", numbers[1:])
    assert found.rejected == [0]
    right = [{"id": n, "r": n} for n in numbers]
    assert array_order.join_by_key([{"id": 7}], right, "id").result == [{"id": 7, "r": 7}]


@pytest.mark.parametrize(
    "position", [HUGE, -HUGE, 3, -4], ids=["huge", "minus huge", "after", "before"]
)
def test_positions_outside_are_no_failure(position: int) -> None:
    """However far outside they are."""
    items = [1, 2, 3]

    assert arrays.get_item(items, position) == (None, False)
    assert arrays.remove_item(items, position) == (items, None)
    assert arrays.add_item(items, 0, position) == ([*items, 0] if position > 0 else [0, *items])
    assert arrays.slice_(items, position) == ([] if position > 0 else items)
    assert arrays.slice_(items, 0, position) == (items if position > 0 else [])


def test_pieces_and_ranges_know_no_size() -> None:
    assert arrays.chunk([1, 2], HUGE) == [[1, 2]]
    assert arrays.range_(HUGE, end=HUGE + 2) == [HUGE, HUGE + 1]
    assert arrays.range_(5, end=1) == []
    assert arrays.range_(5, end=0, step=-2) == [5, 3, 1]
    assert arrays.range_(0, end=5, step=HUGE) == [0]
    assert arrays.flatten([[[1]], []], HUGE) == [1]
    assert arrays.flatten([[1]], 0) == [[1]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: arrays.add_item(FULL, 1),
        lambda: arrays.concat_arrays(FULL, [1]),
        lambda: arrays.flatten([FULL, FULL]),
        lambda: arrays.range_(end=HUGE),
        lambda: arrays.range_(HUGE, end=0, step=-1),
        lambda: array_order.reduce([FULL, 1], "concat"),
        lambda: array_order.reduce(["x" * 2**20] * 11, "join"),
        lambda: array_order.reduce(["", ""] * 1000, "join", separator="x" * 10**6),
        lambda: array_order.reduce([2**4000, 2**4000], "product"),
        lambda: array_order.reduce([dict.fromkeys(map(str, range(100_001)))], "merge"),
        lambda: array_items.map_(["x" * 2**20], template="{}" * 11),
        lambda: array_items.map_([nested(63)], fields={"a": ""}),
        lambda: arrays.make_array({"item0": nested(64)}),
        lambda: arrays.add_item([], nested(64)),
        lambda: arrays.chunk([nested(63)]),
        lambda: array_order.group_by([nested(63)], "b"),
        lambda: array_order.join_by_key([{"k": 1}], [{"k": 1, "v": nested(62)}], "k", into="r"),
    ],
    ids=range(17),
)
def test_what_would_be_too_large_is_a_limit_error(make: Any) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        make()


def nested(depth: int) -> list[Any]:
    value: list[Any] = [1]
    for _ in range(depth - 1):
        value = [value]
    return value


def test_values_never_change() -> None:
    """Every node gives another Array, or the same one as it was."""
    items = [{"k": 2, "t": [1]}, {"k": 1, "t": [2]}, {"k": 2, "t": []}]
    before = copy.deepcopy(items)

    array_order.sort(items, "k")
    array_order.group_by(items, "k").groups["2"].append({})
    array_order.reduce(items, "concat", "t").append(9)
    array_order.reduce(items, "merge")["k"] = 7
    array_order.join_by_key(items, items, "k", into="r")
    array_items.map_(items, fields={"k": "t"})
    arrays.flatten([items, items]).append(3)
    arrays.chunk(items, 1)[0].append(4)
    arrays.add_item(items, 5, 0)
    arrays.remove_item(items, 0)

    assert items == before


def test_the_first_partner_counts_and_null_has_none() -> None:
    """The left's keys come first, and win, null too."""
    left = [{"id": 1, "v": None}, {"id": None}, {}]
    right = [{"id": 1.0, "v": 5, "w": 6}, {"id": 1, "w": 7}, {"id": None, "w": 8}]

    joined = array_order.join_by_key(left, right, "id")

    assert joined.result == [{"id": 1, "v": None, "w": 6}, {"id": None}, {}]
    assert joined.unmatched == [{"id": None}, {}]
    inside = array_order.join_by_key(left, right, "id", into="r")
    assert [item["r"] for item in inside.result] == [right[0], None, None]


@pytest.mark.parametrize(("left", "right"), [([5], []), ([], [5]), ([{}], [None])])
def test_only_objects_are_joined(left: list[Any], right: list[Any]) -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError: pin (left|right): .* an Object"):
        array_order.join_by_key(left, right, "id")


def test_groups_are_named_by_text() -> None:
    """Of null, and of what is not there, it is empty."""
    grouped = array_order.group_by([{"k": 1}, {"k": None}, {}, {"k": "1"}, {"k": [2]}], "k")

    assert grouped.keys == ["1", "", "[2]"]
    assert grouped.groups["1"] == [{"k": 1}, {"k": "1"}]


def test_the_truth_of_an_expression_is_that_of_jmespath() -> None:
    """0 is true there; what is empty is not."""
    values = [{"v": value} for value in (None, False, "", [], {}, 0, "a", [0])]

    filtered = array_items.filter_(values, expression="v")

    assert [item["v"] for item in filtered.result] == [0, "a", [0]]


def test_a_template_is_filled_from_each_item() -> None:
    """By paths in it; of an item that is no Object only `{}` is anything."""
    items = [{"a": {"b": 1}}, "x", None]

    assert array_items.map_(items, template="{{{a.b}}} {}") == ['{1} {"a":{"b":1}}', "{} x", "{} "]
