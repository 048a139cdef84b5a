"""Objects and maps, by path and by field; their keys are in ``object_entries``."""

from typing import Any, Literal, NamedTuple

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.convert import CONVERSIONS, quoted, to_object
from dragops.nodes.definition import DynamicPins, Pin, Settings
from dragops.nodes.fields import read_fields
from dragops.nodes.limits import DEPTH_MAX, bounded_depth, bounded_size, limit_error
from dragops.nodes.paths import (
    NOT_FOUND,
    checked_path,
    value_at,
    with_value_at,
    without_value_at,
)

category = Category("Object/Map")


class Property(NamedTuple):
    """What is at a path, and whether anything is."""

    value: Any
    found: bool


@category.node(
    "GetProperty pure (object: Any!, key: String!, default: Any) [mustExist: Boolean = false]"
    " -> (value: Any, found: Boolean)",
    checks={"key": checked_path},
)
def get_property(object_: Any, key: str, default: Any = None, must_exist: bool = False) -> Property:
    """Read the value at a path such as `items[0].price`; default where there is none.

    With mustExist that is a KeyError.
    """
    value = value_at(object_, key)
    if value is not NOT_FOUND:
        return Property(value, True)
    if must_exist:
        raise RunFailure("KeyError", f"there is nothing at {quoted(key)}")
    return Property(default, False)


@category.node(
    "SetProperty pure (object: Object = {}, key: String!, value: Any) -> (object: Object)",
    checks={"key": checked_path},
)
def set_property(
    *, object_: dict[str, Any] | None = None, key: str, value: Any = None
) -> dict[str, Any]:
    """Give a copy of the Object with a value at a path such as `a.b[0]`; missing steps are made."""
    return to_object(with_value_at(object_ or {}, key, value), "key")


@category.node(
    "RemoveProperty pure (object: Object!, key: String!) -> (object: Object)",
    checks={"key": checked_path},
)
def remove_property(object_: dict[str, Any], key: str) -> dict[str, Any]:
    """Give a copy of the Object without what is at a path."""
    changed: dict[str, Any] = without_value_at(object_, key)
    return changed


@category.node(
    "Merge pure (a: Object!, b: Object!) [deep: Boolean = false,"
    ' arrays: Enum(replace|concat) = "replace"] -> (result: Object)'
)
def merge(
    a: dict[str, Any],
    b: dict[str, Any],
    deep: bool = False,
    arrays: Literal["replace", "concat"] = "replace",
) -> dict[str, Any]:
    """Put two Objects into one; where both have a key, b wins. Deep goes into Objects inside."""
    if not deep:
        merged = {**a, **b}
        bounded_size(len(merged), "Object")
        return merged
    try:
        return _merged(a, b, concat=arrays == "concat")
    except RecursionError as exc:
        raise limit_error(f"values nest {DEPTH_MAX} levels") from exc


def _merged(a: dict[str, Any], b: dict[str, Any], *, concat: bool) -> dict[str, Any]:
    merged = dict(a)
    for key, new in b.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            merged[key] = _merged(old, new, concat=concat)
        elif concat and isinstance(old, list) and isinstance(new, list):
            bounded_size(len(old) + len(new), "Array")
            merged[key] = old + new
        else:
            merged[key] = new
    bounded_size(len(merged), "Object")
    return merged


def _written(value: list[Any]) -> list[Any]:
    keys: set[str] = set()
    for field in read_fields(value, taken=("fields", "skipNull")):
        if field.key in keys:
            raise ValueError(f"two fields write the key {quoted(field.key)}")
        keys.add(field.key)
    return value


def _field_inputs(settings: Settings) -> DynamicPins:
    return DynamicPins(inputs=tuple(f.as_input() for f in read_fields(settings["fields"])))


@category.node(
    "MakeObject pure (...field: Any) [fields: Array = [], skipNull: Boolean = false]"
    " -> (object: Object)",
    checks={"fields": _written},
    dynamic=_field_inputs,
)
def make_object(fields: dict[str, Any] | None = None, skip_null: bool = False) -> dict[str, Any]:
    """Make an Object of inputs, one for each field.

    A field is a name, or {name, type, required, default, key}; key is what is written.
    """
    made = fields or {}
    if skip_null:
        made = {key: value for key, value in made.items() if value is not None}
    bounded_depth(made)
    return made


def _read(value: list[Any]) -> list[Any]:
    fields = read_fields(value, taken=("fields", "object"))
    for given, field in zip(value, fields, strict=True):
        if field.required or (isinstance(given, dict) and given.get("default") is not None):
            raise ValueError(f"the output {field.name} is neither required nor has a default")
    return [[field.name, checked_path(field.key), field.type.value] for field in fields]


def _field_outputs(settings: Settings) -> DynamicPins:
    pins = (Pin(name, PinType(type_), nullable=True) for name, _, type_ in settings["fields"])
    return DynamicPins(outputs=tuple(pins))


@category.node(
    "BreakObject pure (object: Object!) [fields: Array = []] -> (...field: Any)",
    checks={"fields": _read},
    dynamic=_field_outputs,
)
def break_object(object_: dict[str, Any], fields: list[Any] | None = None) -> dict[str, Any]:
    """Give the values at the fields' paths, each as an output of its own; null where none is.

    A field is a name, or {name, type, key}; key is the path.
    """
    broken: dict[str, Any] = {}
    for name, path, type_ in fields or ():
        value = value_at(object_, path)
        broken[name] = None if value is NOT_FOUND else CONVERSIONS[PinType(type_)](value, name)
    return broken
