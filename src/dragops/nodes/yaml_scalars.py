"""What a text of YAML is worth: YAML 1.2's core schema, with `true` and `false` alone as Booleans.

So `010` is 10, and `22:30`, `yes` and `2026-03-05` are texts.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import Any, Final

from dragops.nodes.convert import quoted
from dragops.nodes.limits import BITS_MAX, DIGITS_MAX, bounded_integer, limit_error

CORE: Final = "tag:yaml.org,2002:"
PLAIN: Final = {
    "null": re.compile(r"|~|null|Null|NULL"),
    "bool": re.compile(r"true|false"),
    "int": re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
}
"""Which texts are what when they stand without quotes; the first that fits, else a String."""


def plain_kind(text: str) -> str:
    """Say what a text is that stands without quotes."""
    return next((kind for kind, form in PLAIN.items() if form.fullmatch(text)), "str")


def value_of(tag: str, text: str) -> Any:
    """Give what a text with that tag is worth; ValueError when it is nothing."""
    read = _READ.get(tag.removeprefix(CORE))
    if read is None:
        raise ValueError(f"the tag {tag[:100]} has no meaning here")
    try:
        return read(text)
    except ValueError as exc:
        raise ValueError(f"{quoted(text)} is no {tag.removeprefix(CORE)}") from exc


def _null(text: str) -> None:
    if plain_kind(text) != "null":
        raise ValueError


def _boolean(text: str) -> bool:
    if plain_kind(text) != "bool":
        raise ValueError
    return text == "true"


def _integer(text: str) -> int:
    if plain_kind(text) != "int":
        raise ValueError
    if len(text) > DIGITS_MAX:
        raise limit_error(f"an Integer holds {BITS_MAX} bits")
    return bounded_integer(int(text, 0 if text[1:2] in ("o", "x") else 10))


def _float(text: str) -> float:
    if plain_kind(text) not in ("int", "float"):
        raise ValueError
    named = text.lower().replace(".inf", "inf").replace(".nan", "nan")
    if named != text.lower():
        return float(named)
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as exc:
        raise ValueError from exc


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "str": str,
    "timestamp": str,
    "null": _null,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
    "binary": _binary,
}
