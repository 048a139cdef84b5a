"""Math, second part: roots, logarithms, angles. Their results are always Floats."""

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import Number

category = Category("Math")

Unit: TypeAlias = Literal["radians", "degrees"]


@category.node("SquareRoot pure (value: Float!) -> (result: Float)")
def square_root(value: Number) -> float:
    """Give the square root."""
    if value < 0:
        raise RunFailure("MathError", "a negative number has no square root")
    return _finite(math.sqrt, value)


def _base(value: Number) -> Number:
    if value <= 0 or value == 1:
        raise ValueError("use a number above 0 other than 1")
    return value


@category.node(
    "Logarithm pure (value: Float!, base: Float?) -> (result: Float)", checks={"base": _base}
)
def logarithm(value: Number, base: Number | None = None) -> float:
    """Give the logarithm; without a base the natural one."""
    if value <= 0:
        raise RunFailure("MathError", "only numbers above 0 have a logarithm")
    if base is None:
        return math.log(value)
    if base <= 0 or base == 1:
        raise RunFailure("MathError", "the base of a logarithm is above 0 and not 1")
    if base in _EXACT:
        return _EXACT[base](value)
    return math.log(value) / math.log(base)


_EXACT: dict[Number, Callable[[Number], float]] = {2: math.log2, 10: math.log10}


@category.node(
    'Sine pure (angle: Float!) [unit: Enum(radians|degrees) = "radians"] -> (result: Float)'
)
def sine(angle: Number, unit: Unit = "radians") -> float:
    """Give the sine of an angle."""
    return _finite(math.sin, _radians(angle, unit))


@category.node(
    'Cosine pure (angle: Float!) [unit: Enum(radians|degrees) = "radians"] -> (result: Float)'
)
def cosine(angle: Number, unit: Unit = "radians") -> float:
    """Give the cosine of an angle."""
    return _finite(math.cos, _radians(angle, unit))


@category.node(
    'Tangent pure (angle: Float!) [unit: Enum(radians|degrees) = "radians"] -> (result: Float)'
)
def tangent(angle: Number, unit: Unit = "radians") -> float:
    """Give the tangent of an angle."""
    if unit == "degrees" and angle % 180 == 90:  # a right angle
        raise RunFailure("MathError", "the tangent of a right angle is infinite")
    return _finite(math.tan, _radians(angle, unit))


def _radians(angle: Number, unit: Unit) -> Number:
    # turns are taken off first: large angles in degrees stay exact
    return math.radians(angle % 360) if unit == "degrees" else angle


def _finite(function: Callable[[float], float], value: Number) -> float:
    try:
        return function(value)
    except (OverflowError, ValueError):
        raise RunFailure("MathError", "the number is too large for a Float") from None
