"""Reads the JSON of the API server, which stores objects that nest deeper than parsers go.

One such object may not hide all others of a list: what lies too deep is left out. What is left
still nests deeper than any of our kinds may, so that whoever looks at it finds the fault.
"""

import re
from typing import Any

import orjson

_LEVELS = 400
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def parsed(data: bytes) -> Any:
    """Parse JSON; null stands for each array and object that lies too deep to be parsed."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return orjson.loads(_shallow(data))


def _shallow(data: bytes) -> bytes:
    kept: list[bytes] = []
    depth = start = 0
    for token in _TOKEN.finditer(data):
        if token[0] in (b"[", b"{"):
            depth += 1
            if depth == _LEVELS + 1:
                kept += [data[start : token.start()], b"null"]
        elif token[0] in (b"]", b"}"):
            if depth == _LEVELS + 1:
                start = token.end()
            depth -= 1
    return b"".join([*kept, data[start:]])
