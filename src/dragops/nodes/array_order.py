"""Arrays: sorted, reduced to one value, grouped, and joined with others."""

from collections.abc import Callable
from functools import reduce as fold
from typing import Any, Final, Literal, NamedTuple

from dragops.nodes import math
from dragops.nodes.category import Category
from dragops.nodes.convert import Number, conversion_error, member, to_number, to_object, to_string
from dragops.nodes.limits import bounded_depth, bounded_size, joined
from dragops.nodes.paths import checked_path, value_or_null
from dragops.nodes.values import identity, rank

category = Category("Array")


@category.node(
    'Sort pure (array: Array!, path: String = "", order: Enum(asc|desc) = "asc")'
    " [ignoreCase: Boolean = false] -> (result: Array)",
    checks={"path": checked_path},
)
def sort(
    array: list[Any], path: str = "", order: str = "asc", ignore_case: bool = False
) -> list[Any]:
    """Order the items by the value at a path; null comes last either way."""
    is_falling = member(order, ("asc", "desc"), "order") == "desc"
    keyed, without = [], []
    for item in array:
        value = value_or_null(item, path)
        if value is None:
            without.append(item)
            continue
        if ignore_case and isinstance(value, str):
            value = value.lower()
        keyed.append((rank(value), item))
    keyed.sort(key=lambda pair: pair[0], reverse=is_falling)
    return [item for _, item in keyed] + without


@category.node(
    "Reduce pure (array: Array!, operation:"
    " Enum(sum|product|min|max|average|count|join|first|last|concat|merge)"
    ' = "sum", path: String = "") [separator: String = ", "] -> (result: Any)',
    checks={"path": checked_path},
)
def reduce(array: list[Any], operation: str = "sum", path: str = "", separator: str = ", ") -> Any:
    """Make one value of the values at a path; nulls are left out first."""
    operate = _OPERATIONS[member(operation, _OPERATIONS, "operation")]
    found = (value_or_null(item, path) for item in array)
    return operate([value for value in found if value is not None], separator)


def _sum(values: list[Any], _separator: str) -> Number:
    return fold(math.add, _numbers(values, 0))


def _product(values: list[Any], _separator: str) -> Number:
    return fold(math.multiply, _numbers(values, 1))


def _average(values: list[Any], separator: str) -> Number | None:
    return math.divide(_sum(values, separator), len(values)) if values else None


def _numbers(values: list[Any], first: Number) -> list[Number]:
    return [first, *(to_number(value, "array") for value in values)]


def _join(values: list[Any], separator: str) -> str:
    return joined([to_string(value, "array") for value in values], separator)


def _concat(values: list[Any], _separator: str) -> list[Any]:
    parts = [value if isinstance(value, list) else [value] for value in values]
    bounded_size(sum(map(len, parts)), "Array")
    return [item for part in parts for item in part]


def _merge(values: list[Any], _separator: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for value in values:
        merged.update(to_object(value, "array"))
        bounded_size(len(merged), "Object")
    return merged


_OPERATIONS: Final[dict[str, Callable[[list[Any], str], Any]]] = {
    "sum": _sum,
    "product": _product,
    "min": lambda values, _: min(values, key=rank, default=None),
    "max": lambda values, _: max(values, key=rank, default=None),
    "average": _average,
    "count": lambda values, _: len(values),
    "join": _join,
    "first": lambda values, _: values[0] if values else None,
    "last": lambda values, _: values[-1] if values else None,
    "concat": _concat,
    "merge": _merge,
}


class Grouped(NamedTuple):
    """Items by key, and the keys as they first appeared."""

    groups: dict[str, list[Any]]
    keys: list[str]


@category.node(
    "GroupBy pure (array: Array!, path: String!) -> (groups: Object, keys: Array)",
    checks={"path": checked_path},
)
def group_by(array: list[Any], path: str) -> Grouped:
    """Put items with the same value at a path together; the value as text is their key."""
    groups: dict[str, list[Any]] = {}
    for item in array:
        groups.setdefault(to_string(value_or_null(item, path), "array"), []).append(item)
    bounded_depth(groups)
    return Grouped(groups, list(groups))


class Joined(NamedTuple):
    """Left items with what the right has of them, and those that have no partner."""

    result: list[Any]
    unmatched: list[Any]


@category.node(
    'JoinByKey pure (left: Array!, right: Array!, leftKey: String!, rightKey: String = "")'
    ' [mode: Enum(left|inner) = "left", into: String = ""] -> (result: Array, unmatched: Array)',
    checks={"leftKey": checked_path, "rightKey": checked_path},
)
def join_by_key(
    left: list[Any],
    right: list[Any],
    left_key: str,
    right_key: str = "",
    mode: Literal["left", "inner"] = "left",
    into: str = "",
) -> Joined:
    """Give each left item the first right item with an Equal key.

    Its other keys are added, or it stands whole under the key that `into` names; mode inner leaves
    out left items that have no partner.
    """
    partners = _by_key(right, right_key or left_key)
    made = Joined([], [])
    for item in left:
        key = value_or_null(_object(item, "left"), left_key)
        partner = None if key is None else partners.get(identity(key))
        if partner is None:
            made.unmatched.append(item)
        if partner is not None or mode == "left":
            made.result.append({**item, into: partner} if into else _both(item, partner or {}))
    bounded_depth(made.result)
    return made


def _by_key(items: list[Any], path: str) -> dict[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for item in items:
        key = value_or_null(_object(item, "right"), path)
        if key is not None:
            found.setdefault(identity(key), item)
    return found


def _object(item: Any, pin: str) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    raise conversion_error(item, "Object", pin)


def _both(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    both = {**left, **right, **left}
    bounded_size(len(both), "Object")
    return both
