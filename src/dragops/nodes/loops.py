"""Loops: what they declare, and what runs; ``dragops.compiler.flows`` writes them as Python's own.

A Break or Continue that Python's cannot reach (from a function, or out of a finally) is raised.
No Try / Catch can hold these two: they are no failures.
"""

from collections.abc import Iterator
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.limits import limit_error, out_of_range

category = Category("Flow Control")

TURNS_MAX = 1_000_000


class BreakLoop(BaseException):
    """Ends the innermost loop."""


class ContinueLoop(BaseException):
    """Ends this turn of the innermost loop."""


def numbers(start: int = 0, *, end: int, step: int = 1, inclusive: bool = False) -> range:
    """Give the numbers of For Range."""
    if step == 0:
        raise RunFailure("MathError", "pin step: a step of 0 leads nowhere: use another number")
    if inclusive:
        end += 1 if step > 0 else -1
    return range(start, end, step)


def batches(*, collection: list[Any], size: int = 10) -> Iterator[list[Any]]:
    """Give an Array in pieces of up to ``size`` items."""
    at_least_one(size)
    return (collection[at : at + size] for at in range(0, len(collection), size))


def turns(most: int) -> Iterator[int]:
    """Give each turn of While its number; to ask for more than ``most`` is a LimitError."""
    yield from range(most)
    raise limit_error(f"this While takes {most} turns (maxTurns)")


def at_least_one(size: int) -> int:
    """Give the size of a batch back unless it holds nothing."""
    if size < 1:
        raise out_of_range("size", size, "use 1 or more")
    return size


def _step(value: int) -> int:
    if value == 0:
        raise ValueError("a step of 0 leads nowhere")
    return value


def _max_turns(value: int) -> int:
    if not 1 <= value <= TURNS_MAX:
        raise ValueError(f"use 1 to {TURNS_MAX:,}")
    return value


category.declare(
    "ForEach impure (exec, collection: Array!)"
    " -> (body: Exec, completed: Exec, item: Any, index: Integer)",
    "Runs body once for each item, then completed.",
)
category.declare(
    "ForEachBatch impure (exec, collection: Array!, size: Integer = 10)"
    " -> (body: Exec, completed: Exec, batch: Array, index: Integer)",
    "Runs body for each piece of up to size items, then completed; index counts the pieces.",
    checks={"size": at_least_one},
)
category.declare(
    "ForRange impure (exec, start: Integer = 0, end: Integer!, step: Integer = 1)"
    " [inclusive: Boolean = false] -> (body: Exec, completed: Exec, index: Integer)",
    "Runs body with index from start by step while it is before end, then completed.",
    checks={"step": _step},
)
category.declare(
    "While impure (exec, condition: Boolean!) [maxTurns: Integer = 10000]"
    " -> (body: Exec, completed: Exec, index: Integer)",
    "Runs body while condition is true, read anew before each turn, then completed.",
    checks={"maxTurns": _max_turns},
)
category.declare(
    "Break impure (exec) -> ()", "Ends the innermost loop, which goes on at completed."
)
category.declare("Continue impure (exec) -> ()", "Ends this turn of the innermost loop.")
