"""Conversions: what a value becomes when it arrives at a pin of another type.

Each function has its fast way first, as most values are of the right type already. ``pin`` is for
the message; the engine adds the node. Programs call these functions where types do not agree.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias, cast

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.json_text import binary_text, dumps, time_text
from dragops.nodes.limits import BITS_MAX, DIGITS_MAX, bounded_integer, limit_error
from dragops.nodes.moments import from_unix, read_iso, unix_unit

Number: TypeAlias = int | float
Convert: TypeAlias = Callable[[Any, str], Any]

_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off", ""), False),
}


def to_any(value: Any, _pin: str) -> Any:
    """Give the value as it is."""
    return value


def to_string(value: Any, pin: str) -> str:
    """Write any value as text; null is the empty one."""
    if type(value) is str:
        return value
    write = _TEXTS.get(type(value))
    if write is None:
        raise conversion_error(value, "String", pin)
    return write(value)


def to_number(value: Any, pin: str) -> Number:
    """Give what a Float pin takes: Integers stay Integers, in a text too."""
    kind = type(value)
    if kind is int or kind is float:
        return cast("Number", value)
    if value is None or kind is bool:
        return int(value or 0)
    if kind is str:
        return _number_in(value.strip(), value, pin)
    raise conversion_error(value, "number", pin)


def to_integer(value: Any, pin: str) -> int:
    """Give a whole number; a Float is cut toward zero, a text must be whole."""
    kind = type(value)
    if kind is int:
        return cast("int", value)
    if value is None or kind is bool:
        return int(value or 0)
    if kind is float and math.isfinite(value):
        return int(value)
    if kind is str:
        return _integer_in(value.strip(), value, pin)
    raise conversion_error(value, "Integer", pin)


def to_boolean(value: Any, pin: str) -> bool:
    """Give true or false; numbers are false when 0, texts are words such as ``yes``."""
    kind = type(value)
    if kind is bool:
        return cast("bool", value)
    if value is None or kind is int or kind is float:
        return bool(value)
    found = _BOOLEANS.get(value.lower()) if kind is str else None
    if found is None:
        raise conversion_error(value, "Boolean", pin)
    return found


def to_datetime(value: Any, pin: str) -> datetime:
    """Give a moment, of ISO 8601 text or of seconds or milliseconds since 1970."""
    if isinstance(value, datetime):
        return value
    moment = None
    try:
        if type(value) is int:
            moment = from_unix(value, unix_unit(value))
        elif type(value) is str:
            moment = read_iso(value.strip())
    except (ValueError, OverflowError) as exc:
        raise conversion_error(value, "DateTime", pin) from exc
    if moment is None:
        raise conversion_error(value, "DateTime", pin)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_binary(value: Any, pin: str) -> bytes:
    """Give bytes; nothing else becomes them."""
    if isinstance(value, bytes):
        return value
    raise conversion_error(value, "Binary", pin)


def to_array(value: Any, pin: str) -> list[Any]:
    """Give an Array; null is the empty one."""
    if isinstance(value, list):
        return value
    if value is None:
        return []
    raise conversion_error(value, "Array", pin)


def to_object(value: Any, pin: str) -> dict[str, Any]:
    """Give an Object; null is the empty one."""
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise conversion_error(value, "Object", pin)


def or_null(convert: Convert, value: Any, pin: str) -> Any:
    """Convert a value, but keep null: for pins that are marked with ``?``."""
    return None if value is None else convert(value, pin)


def member(value: str, members: Iterable[str], pin: str) -> str:
    """Give a text that is one of the members of an Enum; nodes ask, as only they know them."""
    if value in members:
        return value
    message = f"pin {pin}: {quoted(value)} is none of {', '.join(members)}"
    raise RunFailure("ConversionError", message)


def to_null(_value: Any, _pin: str) -> None:
    """Forget the value: a pin of type Null holds nothing else."""


CONVERSIONS: dict[PinType, Convert] = {
    PinType.STRING: to_string,
    PinType.INTEGER: to_integer,
    PinType.FLOAT: to_number,
    PinType.BOOLEAN: to_boolean,
    PinType.OBJECT: to_object,
    PinType.ARRAY: to_array,
    PinType.DATETIME: to_datetime,
    PinType.BINARY: to_binary,
    PinType.ANY: to_any,
    PinType.NULL: to_null,
    PinType.ENUM: to_string,
}


def conversion_error(value: Any, wanted: str, pin: str) -> RunFailure:
    """Make the failure of a value that is no ``wanted``."""
    article = "an" if wanted[0] in "AIO" else "a"
    message = f"pin {pin}: {quoted(value)} cannot be converted to {article} {wanted}"
    return RunFailure("ConversionError", message)


def quoted(value: Any) -> str:
    """Show a value in a message: 200 characters of it at most."""
    write = repr if isinstance(value, str) else _TEXTS.get(type(value))
    try:
        text = write(value) if write else type(value).__name__
    except RunFailure:
        text = type(value).__name__
    return (text or "null") if len(text) <= 200 else text[:199] + "…"


def _integer_text(value: int) -> str:
    return str(bounded_integer(value))


def _boolean_text(value: bool) -> str:
    return "true" if value else "false"


def _null_text(_value: None) -> str:
    return ""


def _number_in(text: str, value: str, pin: str) -> Number:
    if _INTEGER.fullmatch(text):
        return _read_integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
    raise conversion_error(value, "number", pin)


def _integer_in(text: str, value: str, pin: str) -> int:
    if _INTEGER.fullmatch(text):
        return _read_integer(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        exact = Decimal(text)
        if exact == exact.to_integral_value():
            return int(exact)
    raise conversion_error(value, "Integer", pin)


def _read_integer(text: str) -> int:
    if len(text) > DIGITS_MAX:
        raise limit_error(f"an Integer holds {BITS_MAX} bits")
    return bounded_integer(int(text))


def _float_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" in text and 1e-7 <= abs(value) < 1e21:
        return format(Decimal(text), "f")
    return text


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): _null_text,
    bool: _boolean_text,
    int: _integer_text,
    float: _float_text,
    datetime: time_text,
    bytes: binary_text,
    list: dumps,
    dict: dumps,
}
