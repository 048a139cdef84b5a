"""Encoding & Crypto: bytes as text and back. Hashes and tokens are in ``hashing``, ``tokens``."""

import base64
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any, Final, NamedTuple
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import conversion_error, member, to_string
from dragops.nodes.limits import BYTES_MAX, bounded_text, limit_error
from dragops.nodes.white_space import WHITE_SPACE

category = Category("Encoding & Crypto")

_BLANKS: Final = re.compile(f"[{WHITE_SPACE}]+")
_BLANKS_AND_COLONS: Final = re.compile(f"[{WHITE_SPACE}:]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_CODECS: Final = {
    "utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "latin-1": "latin-1",
    "windows-1252": "cp1252",
    "ascii": "ascii",
}
"""Python's names; UTF-16 without a mark is little-endian, as on the web."""


class Decoded(NamedTuple):
    """What a decoding node puts out; ``text`` is None for bytes that are no UTF-8."""

    text: str | None
    data: bytes


def bytes_of(value: Any, pin: str) -> bytes:
    """Take Binary as its bytes, and everything else as a String in UTF-8."""
    if isinstance(value, bytes):
        return value
    try:
        return to_string(value, pin).encode()
    except UnicodeEncodeError as exc:
        raise conversion_error("its text", "Binary", pin) from exc


def base64_text(data: bytes, *, url_safe: bool = False, padding: bool = True) -> str:
    """Write bytes as base64."""
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    return text if padding else text.rstrip("=")


@category.node(
    "Base64Encode pure (value: Any!) [urlSafe: Boolean = false, padding: Boolean = true]"
    " -> (text: String)"
)
def base64_encode(value: Any, url_safe: bool = False, padding: bool = True) -> str:
    """Write bytes, or a text, as base64."""
    data = bytes_of(value, "value")
    _bounded(len(data) * 4 // 3)
    return bounded_text(base64_text(data, url_safe=url_safe, padding=padding))


@category.node("Base64Decode pure (text: String!) -> (text: String?, data: Binary)")
def base64_decode(text: str) -> Decoded:
    """Read base64 in either alphabet, with or without padding, as bytes and as text."""
    packed = _BLANKS.sub("", text).replace("-", "+").replace("_", "/")
    digits = packed.rstrip("=")
    padding = len(packed) - len(digits)
    is_whole = padding <= 2 and len(packed) % 4 == 0 if padding else len(digits) % 4 != 1
    if not (is_whole and _BASE64.fullmatch(digits)):
        told = "A-Z a-z 0-9 + / (or - _), four characters for three bytes, and = only at the end"
        raise RunFailure("ParseError", f"the text is no base64: that has {told}")
    return _decoded(base64.b64decode(digits + "=" * (-len(digits) % 4)))


@category.node("HexEncode pure (value: Any!) -> (text: String)")
def hex_encode(value: Any) -> str:
    """Write bytes, or a text, as two hexadecimal digits a byte."""
    data = bytes_of(value, "value")
    _bounded(len(data) * 2)
    return data.hex()


@category.node("HexDecode pure (text: String!) -> (text: String?, data: Binary)")
def hex_decode(text: str) -> Decoded:
    """Read hexadecimal digits as bytes and as text."""
    digits = _BLANKS_AND_COLONS.sub("", text)
    if not _HEX.fullmatch(digits):
        told = "two of 0-9 a-f A-F for each byte, with colons and blanks between them"
        raise RunFailure("ParseError", f"the text is not hexadecimal: that has {told}")
    return _decoded(bytes.fromhex(digits))


@category.node(
    'UrlEncode "URL Encode" pure (value: String!) [plus: Boolean = false] -> (text: String)'
)
def url_encode(value: str, plus: bool = False) -> str:
    """Write a text so that it can be a part of an address."""
    data = bytes_of(value, "value")
    escaped = len(data.translate(None, _PLAIN + b" " if plus else _PLAIN))
    _bounded(len(data) + 2 * escaped)
    return quote_plus(data) if plus else quote(data, safe="")


@category.node(
    'UrlDecode "URL Decode" pure (text: String!) [plus: Boolean = false] -> (value: String)'
)
def url_decode(text: str, plus: bool = False) -> str:
    """Read a part of an address as a text."""
    try:
        return (unquote_plus if plus else unquote)(text, errors="strict")
    except UnicodeDecodeError as exc:
        message = "the text is no UTF-8 when it is decoded: Hex Decode takes any bytes"
        raise RunFailure("ParseError", message) from exc


@category.node(
    "BinaryToText pure (data: Binary!,"
    ' encoding: Enum(utf-8|utf-16|latin-1|windows-1252|ascii) = "utf-8")'
    " [replace: Boolean = false] -> (text: String)"
)
def binary_to_text(data: bytes, encoding: str = "utf-8", replace: bool = False) -> str:
    """Read bytes as a text; replace puts U+FFFD where they do not fit."""
    codec = _CODECS[member(encoding, _CODECS, "encoding")]
    for mark, marked in _MARKS.get(encoding, ()):
        if data.startswith(mark):
            data, codec = data[len(mark) :], marked
            break
    try:
        return bounded_text(data.decode(codec, "replace" if replace else "strict"))
    except UnicodeDecodeError as exc:
        message = f"the bytes are no {encoding}: {exc.reason} at {exc.start}"
        raise RunFailure("ParseError", message) from exc


_MARKS: Final = {
    "utf-8": ((BOM_UTF8, "utf-8"),),
    "utf-16": ((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")),
}


def _decoded(data: bytes) -> Decoded:
    try:
        return Decoded(data.decode(), data)
    except UnicodeDecodeError:
        return Decoded(None, data)


def _bounded(size: int) -> None:
    if size > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
