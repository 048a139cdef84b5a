"""JSON in and out, by the catalogue's rules: Binary is base64, DateTime its text, no NaN.

orjson does the work; Integers above 64 bits, which it refuses, take the slow way.
"""

import base64
import json
import math
from datetime import datetime
from typing import Any

import orjson

from dragops.nodes.limits import (
    DEPTH_MAX,
    ITEMS_MAX,
    bounded_depth,
    bounded_items,
    bounded_text,
    limit_error,
)
from dragops.nodes.parsing import parse_error, without_mark

_PLAIN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_TOO_DEEP = "depth limit exceeded"
"""What orjson says of 1,024 levels."""
_OPTIONS = {
    (False, False): _PLAIN,
    (True, False): _PLAIN | orjson.OPT_INDENT_2,
    (False, True): _PLAIN | orjson.OPT_SORT_KEYS,
    (True, True): _PLAIN | orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
}


def dumps(value: Any, *, indent: bool = False, sort_keys: bool = False) -> str:
    """Write a value as JSON, compact unless ``indent`` asks for two blanks a level."""
    try:
        text = orjson.dumps(value, _foreign, _OPTIONS[indent, sort_keys]).decode()
    except TypeError:
        text = _dumps_slowly(value, indent=indent, sort_keys=sort_keys)
    return bounded_text(text)


def loads(text: str) -> Any:
    """Read a JSON text; ParseError says where it is wrong."""
    try:
        value = orjson.loads(without_mark(text))
    except orjson.JSONDecodeError as exc:
        if exc.msg == _TOO_DEEP:
            raise limit_error(f"values nest {DEPTH_MAX} levels") from exc
        raise parse_error("JSON", exc.msg, exc.lineno, exc.colno) from exc
    except UnicodeEncodeError as exc:
        raise parse_error("JSON", exc) from exc
    if text.count("[") + text.count("{") > DEPTH_MAX:
        bounded_depth(value)
    if text.count(",") >= ITEMS_MAX:
        bounded_items(value)
    return value


def time_text(value: datetime) -> str:
    """Write a DateTime: ISO 8601 with offset and milliseconds, ``Z`` for UTC."""
    text = value.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def binary_text(value: bytes) -> str:
    """Write a Binary: base64."""
    return base64.b64encode(value).decode()


def _foreign(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, bytes):
        return binary_text(value)
    raise TypeError


def _dumps_slowly(value: Any, *, indent: bool, sort_keys: bool) -> str:
    bounded_depth(value)
    separators = (",", ": ") if indent else (",", ":")
    try:
        return json.dumps(
            _without_nan(value),
            default=_foreign,
            ensure_ascii=False,
            indent=2 if indent else None,
            separators=separators,
            sort_keys=sort_keys,
        )
    except (TypeError, ValueError) as exc:
        raise limit_error("a value that JSON can hold") from exc


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nan(inner) for inner in value]
    return value
