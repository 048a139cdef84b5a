"""JSON of what programs make: any value of a pin, however odd, has a text.

Dates are ISO 8601 with ``Z``, bytes base64; what orjson refuses (integers over 64 bits, texts that
are no Unicode) goes the slow way.
"""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import orjson

from dragops.model.run import iso

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def encoded(value: Any) -> str:
    """Give the JSON text of a value."""
    try:
        return orjson.dumps(value, _plain, _OPTIONS).decode()
    except TypeError:
        return _encoded_slowly(value)


def _encoded_slowly(value: Any) -> str:
    text = json.dumps(value, default=_plain, skipkeys=True)
    return text.encode("utf-8", "replace").decode()


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
        case set() | tuple():
            return list(value)
        case _:
            return str(value)
