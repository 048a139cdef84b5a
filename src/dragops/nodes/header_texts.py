"""Headers as nodes may send them: a value cannot smuggle in a line of its own."""

import re
from collections.abc import Mapping
from typing import Any

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted, to_string

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
OF_THE_CONNECTION = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that only the two ends of a connection may set."""


def header_texts(headers: Mapping[str, Any]) -> dict[str, str]:
    """Give headers as texts; ParseError for a name or a value that cannot be sent as one line."""
    return {_name(name): header_text(name, value) for name, value in headers.items()}


def fixed_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """Check headers that are written into a pattern."""
    try:
        header_texts(headers)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return headers


def header_text(name: str, value: Any) -> str:
    """Give the value of a header as text; ParseError when it is more than one line."""
    text = to_string(value, "headers")
    if not VALUE.fullmatch(text):
        # the value may be a secret: only its name is told
        raise RunFailure("ParseError", f"the header {quoted(name)} holds a line end or the like")
    return text


def without(headers: Mapping[str, str], *names: str) -> dict[str, str]:
    """Give the headers without these, in whatever case they are written."""
    left_out = {name.lower() for name in names}
    return {name: value for name, value in headers.items() if name.lower() not in left_out}


def header_of(headers: Mapping[str, str], wanted: str) -> str | None:
    """Find a header in whatever case it is written."""
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise RunFailure("ParseError", f"{quoted(name)} is no name of a header")
    return name
