"""Math by the number rules: Integers stay exact, what is infinite or no number is a MathError."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from dragops.errors import RunFailure
from dragops.nodes import context
from dragops.nodes.category import Category
from dragops.nodes.convert import Number
from dragops.nodes.limits import BITS_MAX, bounded_integer, limit_error, out_of_range

category = Category("Math")

ROUND_DIGITS_MAX = 15
# more than a Float's longest digits, or an Integer's, have
_DECIMAL = Context(prec=2000, rounding=ROUND_HALF_UP)
_FLOAT_BITS = 1100
"""No Float is so small that its inverse has more bits."""


@category.node("Add pure (a: Float!, b: Float!) -> (result: Float)")
def add(a: Number, b: Number) -> Number:
    """Add two numbers."""
    try:
        return _sound(a + b)
    except OverflowError:
        raise _infinite() from None


@category.node("Subtract pure (a: Float!, b: Float!) -> (result: Float)")
def subtract(a: Number, b: Number) -> Number:
    """Take b from a."""
    try:
        return _sound(a - b)
    except OverflowError:
        raise _infinite() from None


@category.node("Multiply pure (a: Float!, b: Float!) -> (result: Float)")
def multiply(a: Number, b: Number) -> Number:
    """Multiply two numbers."""
    try:
        return _sound(a * b)
    except OverflowError:
        raise _infinite() from None


@category.node("Divide pure (a: Float!, b: Float!) -> (result: Float)")
def divide(a: Number, b: Number) -> Number:
    """Divide a by b; an Integer when both are and it comes out even."""
    if not b:
        raise RunFailure("MathError", "division by zero")
    try:
        if isinstance(a, int) and isinstance(b, int) and not a % b:
            return a // b
        return _sound(a / b)
    except OverflowError:
        raise _infinite() from None


@category.node("Modulo pure (a: Float!, b: Float!) -> (result: Float)")
def modulo(a: Number, b: Number) -> Number:
    """Give a - b x floor(a / b): the rest, with the sign of b."""
    if not b:
        raise RunFailure("MathError", "modulo by zero")
    try:
        return _sound(a % b)
    except OverflowError:
        raise _infinite() from None


@category.node("Power pure (base: Float!, exponent: Float!) -> (result: Float)")
def power(base: Number, exponent: Number) -> Number:
    """Raise base to a power; exact between Integers."""
    if not base and exponent < 0:
        raise RunFailure("MathError", "0 has no negative powers")
    if isinstance(base, int) and isinstance(exponent, int):
        return _integer_power(base, exponent)
    if base < 0 and isinstance(exponent, float) and not exponent.is_integer():
        raise RunFailure("MathError", "a negative base has no power with a fraction")
    try:
        return _sound(float(base) ** float(exponent))
    except OverflowError:
        raise _infinite() from None


@category.node("AbsoluteValue pure (value: Float!) -> (result: Float)")
def absolute_value(value: Number) -> Number:
    """Give the number without its sign."""
    return abs(value)


@category.node("Negate pure (value: Float!) -> (result: Float)")
def negate(value: Number) -> Number:
    """Turn the sign round."""
    return -value


@category.node("Sign pure (value: Float!) -> (result: Float)")
def sign(value: Number) -> int:
    """Give -1, 0 or 1."""
    return (value > 0) - (value < 0)


def _digits(value: int) -> int:
    if abs(value) > ROUND_DIGITS_MAX:
        raise ValueError(f"use {-ROUND_DIGITS_MAX} to {ROUND_DIGITS_MAX}")
    return value


@category.node(
    "Round pure (value: Float!, digits: Integer = 0) -> (result: Float)",
    checks={"digits": _digits},
)
def round_(value: Number, digits: int = 0) -> Number:
    """Round half away from zero, by the digits that the number prints."""
    if abs(digits) > ROUND_DIGITS_MAX:
        raise out_of_range("digits", digits, f"use {-ROUND_DIGITS_MAX} to {ROUND_DIGITS_MAX}")
    if isinstance(value, int) and digits >= 0:
        return value
    exact = Decimal(repr(_sound(value)) if isinstance(value, float) else value)
    rounded = exact.quantize(Decimal(1).scaleb(-digits), context=_DECIMAL)
    return float(rounded) if digits > 0 else bounded_integer(int(rounded))


@category.node("Floor pure (value: Float!) -> (result: Float)")
def floor(value: Number) -> int:
    """Give the next Integer below, or the number itself."""
    return math.floor(_sound(value))


@category.node("Ceiling pure (value: Float!) -> (result: Float)")
def ceiling(value: Number) -> int:
    """Give the next Integer above, or the number itself."""
    return math.ceil(_sound(value))


@category.node("Min pure (a: Float!, b: Float!) -> (result: Float)")
def min_(a: Number, b: Number) -> Number:
    """Give the smaller of two numbers."""
    return min(a, b)


@category.node("Max pure (a: Float!, b: Float!) -> (result: Float)")
def max_(a: Number, b: Number) -> Number:
    """Give the larger of two numbers."""
    return max(a, b)


@category.node("Clamp pure (value: Float!, min: Float = 0, max: Float = 1) -> (result: Float)")
def clamp(value: Number, min_: Number = 0, max_: Number = 1) -> Number:
    """Hold a number between min and max."""
    if min_ > max_:
        raise RunFailure("MathError", "min is above max")
    return min(max(value, min_), max_)


@category.node("Lerp pure (a: Float!, b: Float!, t: Float!) -> (result: Float)")
def lerp(a: Number, b: Number, t: Number) -> Number:
    """Go from a toward b: 0 is a, 1 is b, 0.5 half way."""
    return add(a, multiply(subtract(b, a), t))


@category.node(
    "MapRange pure (value: Float!, inMin: Float = 0, inMax: Float = 1, outMin: Float = 0,"
    " outMax: Float = 100) [clamp: Boolean = false] -> (result: Float)"
)
def map_range(
    value: Number,
    in_min: Number = 0,
    in_max: Number = 1,
    out_min: Number = 0,
    out_max: Number = 100,
    *,
    clamp: bool = False,
) -> Number:
    """Move a number from one scale to another."""
    if in_min == in_max:
        raise RunFailure("MathError", "inMin and inMax are the same")
    scaled = multiply(subtract(value, in_min), subtract(out_max, out_min))
    result = add(out_min, divide(scaled, subtract(in_max, in_min)))
    if not clamp:
        return result
    low, high = min(out_min, out_max), max(out_min, out_max)
    return min(max(result, low), high)


@category.node(
    "Random pure (min: Float = 0, max: Float = 1) [integer: Boolean = false] -> (result: Float)"
)
def random_number(
    ctx: context.Context, min_: Number = 0, max_: Number = 1, integer: bool = False
) -> Number:
    """Give a number between min and max by chance: another one for each action that reads it."""
    if min_ > max_:
        raise RunFailure("MathError", "min is above max")
    if not integer:
        return add(min_, multiply(subtract(max_, min_), ctx.random()))
    low, high = ceiling(min_), floor(max_)
    if low > high:
        raise RunFailure("MathError", "there is no Integer between min and max")
    return low + floor(multiply(ctx.random(), high - low + 1))


def _integer_power(base: int, exponent: int) -> Number:
    if abs(base) == 1:
        return base if exponent % 2 else 1
    bits = (base.bit_length() - 1) * abs(exponent)
    if exponent < 0:
        return 0.0 if bits > _FLOAT_BITS else 1 / base**-exponent
    if bits > BITS_MAX:
        raise limit_error(f"an Integer holds {BITS_MAX} bits")
    return bounded_integer(base**exponent)


def _sound(result: Number) -> Number:
    if type(result) is int:
        return bounded_integer(result)
    if math.isfinite(result):
        return result
    raise _infinite()


def _infinite() -> RunFailure:
    return RunFailure("MathError", "the result is infinite or not a number")
