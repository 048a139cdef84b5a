"""Arrays: items by their positions, and several Arrays as sets."""

from collections.abc import Hashable
from itertools import chain
from typing import Any, NamedTuple

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.definition import DYNAMIC_PINS_MAX, DynamicPins, Pin, Settings
from dragops.nodes.limits import bounded_depth, bounded_size, out_of_range
from dragops.nodes.paths import checked_path, value_or_null
from dragops.nodes.values import identity

category = Category("Array")


def _count(value: int) -> int:
    if not 0 <= value <= DYNAMIC_PINS_MAX:
        raise ValueError(f"use 0 to {DYNAMIC_PINS_MAX}")
    return value


def _item_pins(settings: Settings) -> DynamicPins:
    pins = (Pin(f"item{i}", PinType.ANY, nullable=True) for i in range(settings["count"]))
    return DynamicPins(inputs=tuple(pins))


@category.node(
    "MakeArray pure (...item: Any) [count: Integer = 2] -> (array: Array)",
    checks={"count": _count},
    dynamic=_item_pins,
)
def make_array(items: dict[str, Any] | None = None, count: int = 2) -> list[Any]:
    """Make an Array of inputs; one that is unset is null."""
    given = items or {}
    made = [given.get(f"item{i}") for i in range(count)]
    bounded_depth(made)
    return made


@category.node("ArrayLength pure (array: Array!) -> (length: Integer)")
def array_length(array: list[Any]) -> int:
    """Count the items."""
    return len(array)


class Item(NamedTuple):
    """What is at a position, and whether anything is."""

    item: Any
    found: bool


@category.node(
    "GetItem pure (array: Array!, index: Integer = 0) [mustExist: Boolean = false]"
    " -> (item: Any, found: Boolean)"
)
def get_item(array: list[Any], index: int = 0, must_exist: bool = False) -> Item:
    """Give the item at a position; -1 is the last."""
    if -len(array) <= index < len(array):
        return Item(array[index], True)
    if must_exist:
        message = f"position {str(index)[:40]} is outside an Array of {len(array)} items"
        raise RunFailure("KeyError", message)
    return Item(None, False)


@category.node("AddItem pure (array: Array!, item: Any, index: Integer?) -> (result: Array)")
def add_item(array: list[Any], item: Any = None, index: int | None = None) -> list[Any]:
    """Put an item in before the one at index, or at the end."""
    bounded_size(len(array) + 1, "Array")
    if isinstance(item, list | dict):
        bounded_depth(item, under=1)
    at = len(array) if index is None else max(-len(array), min(index, len(array)))
    return [*array[:at], item, *array[at:]]


class Removed(NamedTuple):
    """The rest, and what was taken out."""

    result: list[Any]
    item: Any


@category.node("RemoveItem pure (array: Array!, index: Integer = -1) -> (result: Array, item: Any)")
def remove_item(array: list[Any], index: int = -1) -> Removed:
    """Take the item at a position out, the last one unless told otherwise."""
    if not -len(array) <= index < len(array):
        return Removed(array, None)
    at = index % len(array)
    return Removed([*array[:at], *array[at + 1 :]], array[at])


@category.node("ConcatArrays pure (a: Array = [], b: Array = []) -> (result: Array)")
def concat_arrays(a: list[Any] | None = None, b: list[Any] | None = None) -> list[Any]:
    """Put two Arrays end to end."""
    first, second = a or [], b or []
    bounded_size(len(first) + len(second), "Array")
    return first + second


@category.node("Slice pure (array: Array!, start: Integer = 0, end: Integer?) -> (result: Array)")
def slice_(array: list[Any], start: int = 0, end: int | None = None) -> list[Any]:
    """Give the items from start to before end."""
    return array[start:end]


@category.node("ReverseArray pure (array: Array!) -> (result: Array)")
def reverse_array(array: list[Any]) -> list[Any]:
    """Turn the order round."""
    return array[::-1]


@category.node(
    'Unique pure (array: Array!, path: String = "") -> (result: Array)',
    checks={"path": checked_path},
)
def unique(array: list[Any], path: str = "") -> list[Any]:
    """Keep the first of the items with an Equal value at a path."""
    first: dict[Hashable, Any] = {}
    for item in array:
        first.setdefault(identity(value_or_null(item, path)), item)
    return list(first.values())


@category.node("Flatten pure (array: Array!, depth: Integer = 1) -> (result: Array)")
def flatten(array: list[Any], depth: int = 1) -> list[Any]:
    """Put the items of inner Arrays in their place, down to a depth; -1 is all."""
    while depth and any(isinstance(item, list) for item in array):
        parts = [item if isinstance(item, list) else [item] for item in array]
        bounded_size(sum(map(len, parts)), "Array")
        array = list(chain.from_iterable(parts))
        depth -= 1
    return array


def _size(value: int) -> int:
    if value < 1:
        raise ValueError("use 1 or more")
    return value


@category.node(
    "Chunk pure (array: Array!, size: Integer = 10) -> (result: Array)", checks={"size": _size}
)
def chunk(array: list[Any], size: int = 10) -> list[Any]:
    """Cut an Array into pieces of a size; the last one may be shorter."""
    if size < 1:
        raise out_of_range("size", size, "use 1 or more")
    pieces = [array[at : at + size] for at in range(0, len(array), size)]
    bounded_depth(pieces)
    return pieces


def _step(value: int) -> int:
    if not value:
        raise ValueError("a step of 0 leads nowhere")
    return value


@category.node(
    "Range pure (start: Integer = 0, end: Integer!, step: Integer = 1) -> (result: Array)",
    checks={"step": _step},
)
def range_(start: int = 0, *, end: int, step: int = 1) -> list[Any]:
    """Count from start by step, to before end."""
    if not step:
        raise RunFailure("MathError", "a step of 0 leads nowhere")
    bounded_size(-((start - end) // step), "Array")
    return list(range(start, end, step))


@category.node("Intersection pure (a: Array!, b: Array!) -> (result: Array)")
def intersection(a: list[Any], b: list[Any]) -> list[Any]:
    """Give the items of a that b has too, each once."""
    known = set(map(identity, b))
    return unique([item for item in a if identity(item) in known])


@category.node("Difference pure (a: Array!, b: Array!) -> (result: Array)")
def difference(a: list[Any], b: list[Any]) -> list[Any]:
    """Give the items of a that b does not have."""
    known = set(map(identity, b))
    return [item for item in a if identity(item) not in known]
