"""Utility nodes that make one type of another; inputs convert by the same rules."""

from decimal import Decimal
from typing import Any, TypeVar

from dragops.errors import RunFailure
from dragops.nodes import convert
from dragops.nodes.category import Category
from dragops.nodes.convert import Number, conversion_error
from dragops.nodes.limits import BYTES_MAX, bounded_text, limit_error, out_of_range
from dragops.nodes.math import ROUND_DIGITS_MAX, round_

Value = TypeVar("Value")

category = Category("Utility")


@category.node("ToString pure (value: Any!) -> (result: String)")
def to_string(value: Any) -> str:
    """Write any value as text; null is the empty one."""
    return convert.to_string(value, "value")


@category.node("ToInteger pure (value: Any!, default: Integer?) -> (result: Integer)")
def to_integer(value: Any, default: int | None = None) -> int:
    """Make a whole number; default stands in for what cannot be converted."""
    try:
        return convert.to_integer(value, "value")
    except RunFailure as exc:
        return _instead(default, exc)


@category.node("ToFloat pure (value: Any!, default: Float?) -> (result: Float)")
def to_float(value: Any, default: Number | None = None) -> float:
    """Make a number with a fraction; default stands in for what cannot be converted."""
    try:
        return _float(value, "value")
    except RunFailure as exc:
        return _float(_instead(default, exc), "default")


@category.node("ToBoolean pure (value: Any!, default: Boolean?) -> (result: Boolean)")
def to_boolean(value: Any, default: bool | None = None) -> bool:
    """Make true or false, of words such as `yes` too; default stands in for any other text."""
    try:
        return convert.to_boolean(value, "value")
    except RunFailure as exc:
        return _instead(default, exc)


def _decimals(value: int) -> int:
    if not 0 <= value <= ROUND_DIGITS_MAX:
        raise ValueError(f"use 0 to {ROUND_DIGITS_MAX}")
    return value


@category.node(
    "FormatNumber pure (value: Float!, decimals: Integer = 2)"
    ' [grouping: String = "", decimalPoint: String = "."] -> (text: String)',
    checks={"decimals": _decimals},
)
def format_number(
    value: Number, decimals: int = 2, grouping: str = "", decimal_point: str = "."
) -> str:
    """Write a number for readers: rounded, with thousands apart."""
    if not 0 <= decimals <= ROUND_DIGITS_MAX:
        raise out_of_range("decimals", decimals, f"use 0 to {ROUND_DIGITS_MAX}")
    exact = Decimal(repr(round_(value, decimals) or 0))  # 0 has no sign
    whole, _, fraction = format(exact, f",.{decimals}f").partition(".")
    if whole.count(",") * len(grouping) > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    written = whole.replace(",", grouping)
    return bounded_text(written + decimal_point + fraction if decimals else written)


def _float(value: Any, pin: str) -> float:
    number = convert.to_number(value, pin)
    try:
        return float(number)
    except OverflowError as exc:
        raise conversion_error(value, "Float", pin) from exc


def _instead(default: Value | None, exc: RunFailure) -> Value:
    if exc.type != "ConversionError" or default is None:
        raise exc
    return default
