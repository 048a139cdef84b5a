"""Arrays: each item looked at on its own. The order of items is in ``array_order``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes import queries, regex
from dragops.nodes.category import Category
from dragops.nodes.conditions import condition
from dragops.nodes.definition import Given
from dragops.nodes.limits import bounded_depth
from dragops.nodes.paths import checked_path, value_or_null
from dragops.nodes.templates import filled, read_template
from dragops.nodes.values import is_empty

category = Category("Array")


def _paths(fields: dict[str, Any]) -> dict[str, Any]:
    for name, path in fields.items():
        if not isinstance(path, str):
            raise ValueError(f"the path of {name[:100]!r} must be a String")
        checked_path(path)
    return fields


def _template(value: str) -> str:
    try:
        read_template(value, of_item=True)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return value


def _one_way(given: Given) -> None:
    has_path = "path" in given.wired or bool(given.values.get("path"))
    ways = ["path"] * has_path + [n for n in _WAYS if given.settings[n]]
    if len(ways) > 1:
        raise ValueError(f"{' and '.join(ways)} are set: keep one of them")


_WAYS = ("fields", "template", "expression")


@category.node(
    'Map pure (array: Array!, path: String = "") [fields: Object = {}, template: String = "",'
    ' expression: String = ""] -> (result: Array)',
    checks={
        "path": checked_path,
        "fields": _paths,
        "template": _template,
        "expression": queries.checked_query,
    },
    agreement=_one_way,
)
def map_(
    array: list[Any],
    path: str = "",
    fields: Mapping[str, str] | None = None,
    template: str = "",
    expression: str = "",
) -> list[Any]:
    """Make each item another one: by a path, fields, a template, or a JMESPath expression."""
    if template:
        return [filled(template, item, of_item=True) for item in array]
    if expression:
        mapped = [queries.ask(expression, item) for item in array]
    elif fields:
        mapped = [_object(item, fields) for item in array]
    else:
        return [value_or_null(item, path) for item in array]
    bounded_depth(mapped)
    return mapped


def _object(item: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    return {key: value_or_null(item, path) for key, path in fields.items()}


def _pattern(given: Given) -> None:
    value = given.values.get("value")
    if given.values.get("operator") == "matches" and isinstance(value, str):
        regex.checked_pattern(value)


class Filtered(NamedTuple):
    """The items that fit, and the others."""

    result: list[Any]
    rejected: list[Any]


@category.node(
    'Filter pure (array: Array!, path: String = "", operator: Enum(Condition) = "equals",'
    ' value: Any) [expression: String = ""] -> (result: Array, rejected: Array)',
    checks={"path": checked_path, "expression": queries.checked_query},
    agreement=_pattern,
)
def filter_(
    array: list[Any],
    path: str = "",
    operator: str = "equals",
    value: Any = None,
    expression: str = "",
) -> Filtered:
    """Keep the items for which a condition, or a JMESPath expression, is true."""
    holds = condition(path, operator, value)
    filtered = Filtered([], [])
    for item in array:
        fits = _is_true(queries.ask(expression, item)) if expression else holds(item)
        filtered[not fits].append(item)
    return filtered


def _is_true(value: Any) -> bool:
    return value is not False and not is_empty(value)


@dataclass(frozen=True, slots=True)
class Found:
    """The first item that fits."""

    item: Any
    index: int
    found: bool


@category.node(
    'Find pure (array: Array!, path: String = "", operator: Enum(Condition) = "equals",'
    " value: Any) -> (item: Any, index: Integer, found: Boolean)",
    checks={"path": checked_path},
    agreement=_pattern,
)
def find(array: list[Any], path: str = "", operator: str = "equals", value: Any = None) -> Found:
    """Give the first item for which a condition is true, and its position."""
    holds = condition(path, operator, value)
    for index, item in enumerate(array):
        if holds(item):
            return Found(item, index, True)
    return Found(None, -1, False)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many items fit."""

    count: int
    any_: bool
    all_: bool


@category.node(
    'CountItems pure (array: Array!, path: String = "", operator: Enum(Condition) = "equals",'
    " value: Any) -> (count: Integer, any: Boolean, all: Boolean)",
    checks={"path": checked_path},
    agreement=_pattern,
)
def count_items(
    array: list[Any], path: str = "", operator: str = "equals", value: Any = None
) -> Counted:
    """Count the items for which a condition is true."""
    count = sum(map(condition(path, operator, value), array))
    return Counted(count, count > 0, count == len(array))
