"""Files of documents: YAML as kubectl reads it, or JSON; ``-`` is stdin. Each knows its places."""

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dragops.cli.defaults import filled
from dragops.errors import BadInput
from dragops.model import marks
from dragops.model.marks import JsonPlaces, Mark, Misplaced, Places, YamlPlaces, joined
from dragops.model.yaml_text import documents_of

FILE_BYTES_MAX = 16 * 1024 * 1024
LEVELS_MAX = 200
_JSON = re.compile(r'\s*\{\s*["}]')
Object = dict[str, Any]
_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file; ``base`` is the way to it in a list."""

    data: Object
    file: str
    label: str
    """The file, and which of its documents where there are several."""
    places: Places
    base: marks.Path = ()

    def mark(self, *path: str | int) -> Mark:
        """Give the place of a part."""
        return self.places.find(self.base + path)

    def fault(self, message: str, *path: str | int) -> Misplaced:
        """Make the error of a part that is not what it must be."""
        return Misplaced(self.file, self.mark(*path), message)

    def shaped(self, shape: type[_Shape], part: object, *root: str | int) -> _Shape:
        """Read a part as the API server would: nothing is taken for another type."""
        try:
            return shape.model_validate_json(
                orjson.dumps(filled(shape, part)), strict=True, by_alias=True, by_name=False
            )
        except ValidationError as exc:
            raise self.misshapen(exc, *root) from exc

    def misshapen(self, exc: ValidationError, *root: str | int) -> "Misshapen":
        """Make the error of a part that does not fit its shape."""
        wrongs = [(root + each["loc"], _said(each)) for each in exc.errors(include_url=False)]
        faults = [self.fault(f"{joined(path)}: {told}", *path) for path, told in wrongs]
        return Misshapen(sorted(faults, key=lambda fault: fault.mark))


_SAID = {
    "missing": "is missing",
    "extra_forbidden": "there is no such field",
    "string_type": "is no text: put it in quotes",
    "string_too_long": "is too long: it has at most {max_length} characters",
    "string_too_short": "is too short: it has at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "enum": "use one of {expected}",
    "literal_error": "use one of {expected}",
    "tuple_type": "is no list",
    "list_type": "is no list",
    "too_long": "has {actual_length} items, {max_length} are allowed: split it",
    **dict.fromkeys(("int_type", "int_from_float"), "is no integer"),
    "float_type": "is no number",
    "bool_type": "is neither true nor false",
    "greater_than_equal": "is too small: it is at least {ge}",
    "less_than_equal": "is too large: it is at most {le}",
    "dict_type": "is no object",
    "model_type": "is no object",
    "model_attributes_type": "is no object",
}


class Misshapen(Misplaced):
    """Several things of one document are wrong; ``lines`` tell those after the first."""

    def __init__(self, faults: list[Misplaced]) -> None:
        self.faults, (first, *others) = faults, faults
        self.lines = [str(fault) for fault in others]
        super().__init__(first.name, first.mark, first.message)


def _said(error: ErrorDetails) -> str:
    """Say it for an author of files, who knows nothing of the types that read them."""
    told = _SAID.get(error["type"])
    if told is None:
        return error["msg"].removeprefix("Value error, ")
    return told.format_map(error.get("ctx", {}))


def read_documents(path: str) -> list[Document]:
    """Read every document of a file; items of a list are documents of their own."""
    found = [*_documents(path)]
    if not found:
        raise BadInput(name_of(path), "holds no document")
    return found


def name_of(path: str) -> str:
    """Give the name of a file for people."""
    return "stdin" if path == "-" else path


def read_bytes(path: str) -> bytes:
    """Read a whole file, or stdin, up to a limit."""
    if not path:
        raise BadInput("FILE", "is an empty name: name a file, or - for stdin")
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except IsADirectoryError as exc:
        raise BadInput(path, f"is a folder: name its files, such as {path}/*.yaml") from exc
    except OSError as exc:
        raise BadInput(path, f"cannot be read: {exc.strerror}") from exc
    if len(data) > FILE_BYTES_MAX:
        raise BadInput(name_of(path), f"is larger than {FILE_BYTES_MAX // 2**20} MiB")
    return data


def read_text(path: str) -> str:
    """Read a whole file, or stdin, as text; a byte order mark at its beginning is none of it."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise BadInput(name_of(path), "is no text in UTF-8: save it as that") from exc


def _documents(path: str) -> Iterator[Document]:
    name = name_of(path)
    text = read_text(path)
    # JSON is YAML, but not in every corner: tabs, and escapes
    is_json = _JSON.match(text) is not None
    whole = [_json(text, name)] if is_json else [*_yaml(text, name)]
    for number, (data, places) in enumerate(whole, 1):
        label = name if len(whole) == 1 else f"{name}, document {number}"
        if data is not None:
            yield from _items(data, name, label, places)


def _items(data: Any, name: str, label: str, places: Places) -> Iterator[Document]:
    if not isinstance(data, dict):
        raise Misplaced(name, places.find(()), "is no pattern: a pattern is an object")
    if data.get("kind") not in ("List", "PatternList"):
        yield Document(data, name, label, places)
        return
    items = data.get("items")
    if not isinstance(items, list):
        raise Misplaced(name, places.find(("items",)), "items: is no list")
    for number, item in enumerate(items):
        path: marks.Path = ("items", number)
        if not isinstance(item, dict):
            raise Misplaced(name, places.find(path), "is no object, as items of a list are")
        yield Document(item, name, f"{label}, item {number + 1}", places, path)


def _yaml(text: str, name: str) -> Iterator[tuple[Any, Places]]:
    for node, data in documents_of(text, name=name, levels=LEVELS_MAX):
        yield data, YamlPlaces(node)


def _json(text: str, name: str) -> tuple[Any, Places]:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        told = f"is not JSON: {exc.msg}"
        raise Misplaced(name, Mark(exc.lineno, exc.colno), told) from exc
    places = JsonPlaces(text)
    if places.twice:
        key, mark = places.twice
        raise Misplaced(name, mark, f"an object has the same key twice: {key[:100]}")
    return data, places
