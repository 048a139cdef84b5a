"""The limits of values; passing one is a LimitError that names it. Nodes check before they build.

The cheap look comes first everywhere: a bound that needs no walk over the value.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from typing_extensions import override

from dragops.errors import RunFailure

ITEMS_MAX = 100_000
BYTES_MAX = 10 * 1024 * 1024
DEPTH_MAX = 64
BITS_MAX = 4_096
DIGITS_MAX = 1_234
"""No Integer of more digits fits into 4,096 bits; Python refuses to read much longer ones."""
PATH_MAX = 4_000
TEMPLATE_MAX = 64 * 1024
LOG_ENTRY_MAX = 16 * 1024


def limit_error(what: str) -> RunFailure:
    """Make the failure of something that is larger than ``what`` allows."""
    return RunFailure("LimitError", f"larger than the limit: {what}")


def out_of_range(pin: str, value: float, wanted: str) -> RunFailure:
    """Make the failure of a number at a pin that may not be so large, or so small."""
    shown = str(value)
    return RunFailure("LimitError", f"pin {pin} is {shown[:40]}{'…' * (len(shown) > 40)}: {wanted}")


def bounded_integer(value: int) -> int:
    """Give the Integer back unless it is too long."""
    if value.bit_length() > BITS_MAX:
        raise limit_error(f"an Integer holds {BITS_MAX} bits")
    return value


def bounded_text(value: str) -> str:
    """Give the String back unless it is too long in UTF-8."""
    if len(value) * 4 > BYTES_MAX and len(value.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    return value


def joined(texts: Sequence[str], separator: str) -> str:
    """Join texts, unless the result is too long to be made at all."""
    size = sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0)
    if size > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    return bounded_text(separator.join(texts))


class BoundedWriter(io.StringIO):
    """A text that others write, up to the size of a String."""

    @override
    def write(self, text: str, /) -> int:
        if self.tell() + len(text) > BYTES_MAX:
            raise limit_error("a String holds 10 MiB")
        return super().write(text)


def bounded_size(size: int, kind: str) -> None:
    """Refuse an Array or Object of that many items."""
    if size > ITEMS_MAX:
        raise limit_error(f"an {kind} holds {ITEMS_MAX} items")


def bounded_depth(value: Any, *, under: int = 0) -> None:
    """Refuse a value that nests too deep when it stands ``under`` that many levels."""
    level = _containers([value])
    depth = under
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise limit_error(f"values nest {DEPTH_MAX} levels")
        level = _containers(inner for outer in level for inner in _inside(outer))


def bounded_items(value: Any) -> None:
    """Refuse a value that holds, at any depth, an Array or Object of too many items."""
    level = [value]
    while level:
        for outer in level:
            if isinstance(outer, list | dict):
                bounded_size(len(outer), "Array" if isinstance(outer, list) else "Object")
        level = [inner for outer in level for inner in _inside(outer)]


def _containers(values: Iterable[Any]) -> list[Any]:
    found = [v for v in values if v and (type(v) is dict or type(v) is list)]
    # each once: a value may hold another one a million times over
    return list({id(v): v for v in found}.values()) if len(found) > 1 else found


def _inside(value: Any) -> Any:
    if type(value) is dict:
        return value.values()
    return value if type(value) is list else ()
