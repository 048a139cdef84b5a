"""JSON of what programs make: any value of a pin, however odd, has a text.

Dates are ISO 8601 with ``Z``, bytes base64; what orjson refuses (integers over 64 bits, texts that
are no Unicode, data nested deeply) goes the slow way.
"""

import base64
import json
import math
from datetime import UTC, date, datetime
from typing import Any

import orjson

from dragops.model.run import iso

_DEPTH_MAX, _TOO_DEEP = 200, "(nested too deeply)"
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def encoded(value: Any) -> str:
    """Give the JSON text of a value."""
    try:
        return orjson.dumps(value, _plain, _OPTIONS).decode()
    except TypeError:
        return _encoded_slowly(value)


def _encoded_slowly(value: Any) -> str:
    return json.dumps(_cleaned(value, 0), ensure_ascii=False, separators=(",", ":"))


def _cleaned(value: Any, depth: int) -> Any:
    """Give a value that the standard library writes as JSON, whatever it was."""
    inside = depth + 1
    match value:
        case _ if depth > _DEPTH_MAX:
            cleaned: Any = _TOO_DEEP
        case str():
            cleaned = value.encode("utf-8", "replace").decode()
        case float():
            cleaned = value if math.isfinite(value) else None
        case None | bool() | int():
            cleaned = value
        case dict():
            cleaned = {_cleaned(str(k), 0): _cleaned(item, inside) for k, item in value.items()}
        case list() | tuple():
            cleaned = [_cleaned(item, inside) for item in value]
        case _:
            cleaned = _cleaned(_plain(value), inside)
    return cleaned


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return iso(value if value.tzinfo else value.replace(tzinfo=UTC))
        case date():
            return value.isoformat()
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case orjson.Fragment():
            return orjson.loads(orjson.dumps(value))
        case set() | frozenset():
            return list(value)
        case _:
            return str(value)
