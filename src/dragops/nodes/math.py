"""Math by the number rules: Integers stay exact, what is infinite or no number is a MathError."""

import math

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import Number
from dragops.nodes.limits import bounded_integer

category = Category("Math")


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


def _sound(result: Number) -> Number:
    if type(result) is int:
        return bounded_integer(result)
    if math.isfinite(result):
        return result
    raise _infinite()


def _infinite() -> RunFailure:
    return RunFailure("MathError", "the result is infinite or not a number")
