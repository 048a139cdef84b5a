"""JSON pointers (RFC 6901): ``/items/0/name``; the empty one is the value itself."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1024)
def read_pointer(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its keys; ValueError says what is malformed."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer begins with /: {pointer[:100]!r}")
    return tuple(map(_key, pointer[1:].split("/")))


def found_at(value: Any, pointer: str) -> Any:
    """Give what is at a pointer, or null."""
    for key in read_pointer(pointer):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and _is_position(key) and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _key(part: str) -> str:
    rest = part.replace("~0", "").replace("~1", "")
    if "~" in rest:
        raise ValueError(f"in a JSON pointer ~ is written ~0, and / in a key ~1: {part[:100]!r}")
    return part.replace("~1", "/").replace("~0", "~")


def _is_position(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 10 and (key == "0" or key[0] != "0")
