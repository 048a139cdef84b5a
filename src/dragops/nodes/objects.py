"""Objects and maps, by path."""

from typing import Any, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import quoted, to_object
from dragops.nodes.limits import bounded_depth
from dragops.nodes.paths import NOT_FOUND, read_path, value_at, with_value_at

category = Category("Object/Map")


def _path(value: str) -> str:
    try:
        read_path(value)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return value


class Property(NamedTuple):
    """What is at a path, and whether anything is."""

    value: Any
    found: bool


@category.node(
    "GetProperty pure (object: Any!, key: String!, default: Any) [mustExist: Boolean = false]"
    " -> (value: Any, found: Boolean)",
    checks={"key": _path},
)
def get_property(object_: Any, key: str, default: Any = None, must_exist: bool = False) -> Property:
    """Read the value at a path such as `items[0].price`; default where there is none."""
    value = value_at(object_, key)
    if value is not NOT_FOUND:
        return Property(value, True)
    if must_exist:
        raise RunFailure("KeyError", f"there is nothing at {quoted(key)}")
    return Property(default, False)


@category.node(
    "SetProperty pure (object: Object = {}, key: String!, value: Any) -> (object: Object)",
    checks={"key": _path},
)
def set_property(
    *, object_: dict[str, Any] | None = None, key: str, value: Any = None
) -> dict[str, Any]:
    """Give a copy of the Object with a value at a path."""
    if isinstance(value, list | dict):
        bounded_depth(value, under=1)
    changed = with_value_at(object_ or {}, key, value)
    return to_object(changed, "key")
