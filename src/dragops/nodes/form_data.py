"""Form Data: fields and files as browsers send them."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import conversion_error, to_object, to_string
from dragops.nodes.header_texts import header_text
from dragops.nodes.limits import BYTES_MAX, bounded_text, limit_error
from dragops.nodes.urls import pairs

category = Category("HTTP")

_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""How browsers write names into a header."""


class Form(NamedTuple):
    """What Form Data puts out."""

    body: Any
    content_type: str
    headers: dict[str, str]


class _Part(NamedTuple):
    head: str
    content: bytes


@category.node(
    "FormData pure (fields: Object!, files: Array = [])"
    ' [encoding: Enum(auto|urlencoded|multipart) = "auto"]'
    " -> (body: Any, contentType: String, headers: Object)"
)
def form_data(
    fields: Mapping[str, Any],
    files: list[Any] | None = None,
    encoding: Literal["auto", "urlencoded", "multipart"] = "auto",
) -> Form:
    """Write fields and files as the body of a form; files need multipart.

    A file is {name, filename, contentType, content}, its content a String or a Binary.
    """
    if encoding == "multipart" or (encoding == "auto" and files):
        return _multipart([*_fields(fields), *_files(files or [])])
    if files:
        raise RunFailure("ParseError", "files cannot be urlencoded: set encoding to multipart")
    body = bounded_text(urlencode(list(pairs(fields, "fields")), errors="replace"))
    return _form(body, "application/x-www-form-urlencoded")


def _multipart(parts: list[_Part]) -> Form:
    if sum(len(part.content) + len(part.head) + 100 for part in parts) > BYTES_MAX:
        raise limit_error("a Binary holds 10 MiB")
    digest = hashlib.sha256(b"".join(part.content for part in parts)).hexdigest()
    boundary = f"dragops{digest[:24]}"
    heads = [f"--{boundary}\r\n{p.head}\r\n".encode("utf-8", "replace") for p in parts]
    pieces = [head + p.content + b"\r\n" for head, p in zip(heads, parts, strict=True)]
    body = b"".join(pieces) + f"--{boundary}--\r\n".encode()
    return _form(body, f"multipart/form-data; boundary={boundary}")


def _form(body: str | bytes, content_type: str) -> Form:
    return Form(body, content_type, {"Content-Type": content_type})


def _fields(fields: Mapping[str, Any]) -> Iterator[_Part]:
    for name, text in pairs(fields, "fields"):
        yield _Part(_disposition(name), text.encode("utf-8", "replace"))


def _files(files: list[Any]) -> Iterator[_Part]:
    for number, each in enumerate(files):
        place = f"files[{number}]"
        file = to_object(each, place)
        name = to_string(file.get("name"), f"{place}.name")
        if not name:
            raise RunFailure("ParseError", f"{place} has no name")
        filename = to_string(file.get("filename"), f"{place}.filename") or name
        content, its_type = _content(file.get("content"), f"{place}.content")
        said = to_string(file.get("contentType"), f"{place}.contentType")
        head = f'{_disposition(name)[:-2]}; filename="{filename.translate(_QUOTED)}"\r\n'
        yield _Part(
            f"{head}Content-Type: {header_text('contentType', said or its_type)}\r\n", content
        )


def _disposition(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name.translate(_QUOTED)}"\r\n'


def _content(value: Any, place: str) -> tuple[bytes, str]:
    if isinstance(value, bytes):
        return value, "application/octet-stream"
    if value is None or isinstance(value, str):
        return (value or "").encode("utf-8", "replace"), "text/plain; charset=utf-8"
    raise conversion_error(value, "String or Binary", place)
