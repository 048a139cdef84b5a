"""Comparison: Equal by kind and value, order between numbers."""

from datetime import datetime
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes import values
from dragops.nodes.category import Category
from dragops.nodes.containing import contains
from dragops.nodes.convert import (
    Number,
    member,
    to_boolean,
    to_datetime,
    to_number,
)

category = Category("Comparison")


@category.node("Equal pure (a: Any!, b: Any!) [loose: Boolean = false] -> (result: Boolean)")
def equal(a: Any, b: Any, loose: bool = False) -> bool:
    """Say whether two values are Equal; with loose, a text is read as what stands beside it."""
    if loose:
        try:
            a, b = _alike(a, b), _alike(b, a)
        except RunFailure:
            return False
    return values.equal(a, b)


@category.node("NotEqual pure (a: Any!, b: Any!) [loose: Boolean = false] -> (result: Boolean)")
def not_equal(a: Any, b: Any, loose: bool = False) -> bool:
    """Say whether two values are not Equal."""
    return not equal(a, b, loose)


@category.node("GreaterThan pure (a: Float!, b: Float!) -> (result: Boolean)")
def greater_than(a: Number, b: Number) -> bool:
    """Say whether a > b."""
    return a > b


@category.node("LessThan pure (a: Float!, b: Float!) -> (result: Boolean)")
def less_than(a: Number, b: Number) -> bool:
    """Say whether a < b."""
    return a < b


@category.node("GreaterOrEqual pure (a: Float!, b: Float!) -> (result: Boolean)")
def greater_or_equal(a: Number, b: Number) -> bool:
    """Say whether a >= b."""
    return a >= b


@category.node("LessOrEqual pure (a: Float!, b: Float!) -> (result: Boolean)")
def less_or_equal(a: Number, b: Number) -> bool:
    """Say whether a <= b."""
    return a <= b


@category.node("IsNull pure (value: Any!) -> (result: Boolean)")
def is_null(value: Any) -> bool:
    """Say whether there is no value; an empty text and 0 are values."""
    return value is None


@category.node(
    "InRange pure (value: Float!, min: Float = 0, max: Float = 1) [inclusive: Boolean = true]"
    " -> (result: Boolean)"
)
def in_range(value: Number, min_: Number = 0, max_: Number = 1, inclusive: bool = True) -> bool:
    """Say whether a number is between min and max; the ends count too, unless not inclusive."""
    return min_ <= value <= max_ if inclusive else min_ < value < max_


@category.node(
    "IsType pure (value: Any!, type: Enum(String|Integer|Float|Number|Boolean|Object|Array|"
    'DateTime|Binary|Null) = "String") -> (result: Boolean)'
)
def is_type(value: Any, type_: str = "String") -> bool:
    """Say whether a value is of a type as it is; Number is Integer or Float."""
    kinds = _KINDS[member(type_, _KINDS, "type")]
    return isinstance(value, kinds) and (type_ == "Boolean" or not isinstance(value, bool))


_KINDS: dict[str, type | tuple[type, ...]] = {
    "String": str,
    "Integer": int,
    "Float": float,
    "Number": (int, float),
    "Boolean": bool,
    "Object": dict,
    "Array": list,
    "DateTime": datetime,
    "Binary": bytes,
    "Null": type(None),
}


def type_name(value: Any) -> str:
    """Give the type of a value as it is: Integer or Float, never Number."""
    if isinstance(value, bool):
        return "Boolean"
    return next(name for name, kinds in _KINDS.items() if isinstance(value, kinds))


@category.node(
    "Contains pure (container: Any!, item: Any!) [ignoreCase: Boolean = false] -> (result: Boolean)"
)
def contains_(container: Any, item: Any, ignore_case: bool = False) -> bool:
    """Say whether a text has a part, an Array an Equal item, or an Object a key."""
    return contains(container, item, ignore_case=ignore_case)


def _alike(value: Any, other: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(other, bool):
        return to_boolean(value, "a")
    if isinstance(other, int | float):
        return to_number(value, "a")
    return to_datetime(value, "a") if isinstance(other, datetime) else value
