"""Literals: fixed values, which the compiler writes where they are read; nothing here runs."""

from datetime import datetime
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import to_datetime
from dragops.nodes.definition import Settings
from dragops.nodes.json_text import loads

category = Category("Literals")


def _value(settings: Settings) -> Any:
    return settings["value"]


def _float(settings: Settings) -> float:
    try:
        return float(settings["value"])
    except OverflowError as exc:
        raise ValueError("this number is too large for a Float") from exc


def _null(_settings: Settings) -> None:
    return None


def _array(settings: Settings) -> list[Any]:
    value = _json(settings["values"])
    if not isinstance(value, list):
        raise ValueError("use an Array, or a JSON text of one")
    return value


def _object(settings: Settings) -> dict[str, Any]:
    value = _json(settings["values"])
    if not isinstance(value, dict):
        raise ValueError("use an Object, or a JSON text of one")
    return value


def _json(value: Any) -> Any:
    try:
        return loads(value) if isinstance(value, str) else value
    except RunFailure as exc:
        raise ValueError(exc.message) from exc


def _datetime(settings: Settings) -> datetime:
    try:
        return to_datetime(settings["value"], "value")
    except RunFailure as exc:
        raise ValueError(exc.message) from exc


category.declare(
    'String pure () [value: String = ""] -> (value: String)', "A fixed text.", constant=_value
)
category.declare(
    "Float pure () [value: Float = 0] -> (value: Float)",
    "A fixed number, always a Float.",
    constant=_float,
)
category.declare(
    "Integer pure () [value: Integer = 0] -> (value: Integer)",
    "A fixed whole number.",
    constant=_value,
)
category.declare(
    "Boolean pure () [value: Boolean = true] -> (value: Boolean)",
    "True or false.",
    constant=_value,
)
category.declare("Null pure () -> (value: Null)", "No value.", constant=_null)
category.declare(
    'Array pure () [values: Any = "[]"] -> (value: Array)',
    "A fixed Array, or a JSON text of one.",
    constant=_array,
)
category.declare(
    'Object pure () [values: Any = "{}"] -> (value: Object)',
    "A fixed Object, or a JSON text of one.",
    constant=_object,
)
category.declare(
    'DateTime pure () [value: String = "1970-01-01T00:00:00.000Z"] -> (value: DateTime)',
    "A fixed moment in ISO 8601; without an offset it is UTC.",
    constant=_datetime,
)
