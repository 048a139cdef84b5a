"""Bodies of HTTP: what is sent for a value, and what an answer's bytes mean."""

from typing import Any, Literal, NamedTuple, TypeAlias

from dragops.errors import RunFailure
from dragops.nodes.header_texts import header_of
from dragops.nodes.json_text import dumps, loads
from dragops.nodes.limits import BYTES_MAX, bounded_text, limit_error
from dragops.nodes.outside import Response

ResponseType: TypeAlias = Literal["auto", "json", "text", "binary"]

_TEXTS = frozenset(
    {
        "application/ecmascript",
        "application/graphql",
        "application/javascript",
        "application/sql",
        "application/toml",
        "application/x-javascript",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
    }
)
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16")
"""Others are read as UTF-8: a server must not choose among all codecs of Python."""


class Body(NamedTuple):
    """An answer's body; ``text`` is as it came, and empty for a Binary."""

    value: Any
    text: str


def sent_body(value: Any) -> tuple[bytes | None, str]:
    """Give the bytes to send for a value, and their content type; null is no body."""
    if value is None:
        return None, ""
    if isinstance(value, bytes):
        if len(value) > BYTES_MAX:
            raise limit_error("a request's body holds 10 MiB")
        return value, "application/octet-stream"
    if isinstance(value, str):
        return bounded_text(value).encode("utf-8", "replace"), "text/plain; charset=utf-8"
    return dumps(value).encode("utf-8", "replace"), "application/json"


def read_body(response: Response, wanted: ResponseType) -> Body:
    """Read an answer's body as its content type says, or as ``wanted``."""
    kind = _kind(response)
    if wanted == "binary" or (wanted == "auto" and not _is_json(kind) and not _is_text(kind)):
        is_nothing = wanted == "auto" and not response.body
        return Body(None if is_nothing else response.body, "")
    text = body_text(response)
    if wanted == "text":
        return Body(text, text)
    if not response.body:
        return Body(None, "")
    if wanted == "json":
        return Body(loads(text), text)
    return Body(_json_or_text(text) if _is_json(kind) else text, text)


def body_text(response: Response) -> str:
    """Give an answer's body as text, whatever it is; bytes that are none are replaced."""
    content_type = (header_of(response.headers, "content-type") or "").lower()
    charset = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'")
    known = charset if charset in _CHARSETS else "utf-8"
    return bounded_text(response.body.decode(known, "replace"))


def is_readable(response: Response) -> bool:
    """Say whether an answer's body is for people: JSON or text."""
    kind = _kind(response)
    return _is_json(kind) or _is_text(kind)


def _kind(response: Response) -> str:
    content_type = header_of(response.headers, "content-type") or ""
    return content_type.partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    return kind in {"application/json", "text/json"} or kind.endswith("+json")


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind in _TEXTS or kind.endswith(("+xml", "+yaml"))


def _json_or_text(text: str) -> Any:
    try:
        return loads(text)
    except RunFailure as exc:
        if exc.type != "ParseError":
            raise
        return text
