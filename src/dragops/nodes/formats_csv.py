"""Data formats: tables as text, one line a row, as RFC 4180 and spreadsheets have them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import orjson

from dragops.nodes.category import Category
from dragops.nodes.convert import conversion_error, quoted, to_string
from dragops.nodes.limits import (
    BYTES_MAX,
    BoundedWriter,
    bounded_size,
    bounded_text,
    limit_error,
)
from dragops.nodes.parsing import parse_error, without_mark
from dragops.nodes.white_space import WHITE_SPACE

category = Category("Data Formats")

_REST: Final = "_extra"
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Final = {"": None, "true": True, "false": False}


def _delimiter(value: str) -> str:
    if len(value) != 1 or value in '"\r\n':
        raise ValueError("use one character that is no quote and no line end")
    return value


def _columns(value: list[Any]) -> list[Any]:
    for each in value:
        if not isinstance(each, str):
            raise ValueError(f"the column {quoted(each)} must be a String")
    return value


class Table(NamedTuple):
    """What a text of rows holds."""

    rows: list[Any]
    columns: list[str]


@category.node(
    'CsvParse "Parse CSV" pure (text: String!) [delimiter: String = ",", header: Boolean = true,'
    " trim: Boolean = false, types: Boolean = false] -> (rows: Array, columns: Array)",
    checks={"delimiter": _delimiter},
)
def csv_parse(
    text: str, delimiter: str = ",", header: bool = True, trim: bool = False, types: bool = False
) -> Table:
    """Read a table; with a header each row is an Object, without one an Array.

    What a row has too much is under `_extra`, what it has too little is null. With types, numbers,
    true, false and empty fields are read as such.
    """
    found = _rows(text, delimiter, trim=trim)
    columns = _named(next(found, [])) if header else []
    rows: list[Any] = []
    for texts in found:
        bounded_size(len(rows) + 1, "Array")
        row = [_typed(each) for each in texts] if types else texts
        rows.append(_keyed(columns, row) if header else row)
    return Table(rows, columns)


@category.node(
    'CsvStringify "Stringify CSV" pure (rows: Array!) [columns: Array = [],'
    ' delimiter: String = ",", header: Boolean = true] -> (text: String)',
    checks={"delimiter": _delimiter, "columns": _columns},
)
def csv_stringify(
    rows: list[Any], columns: list[Any] | None = None, delimiter: str = ",", header: bool = True
) -> str:
    """Write a table of Objects or of Arrays; null is an empty field."""
    out = BoundedWriter(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    names = columns or _keys(rows)
    if header and names:
        writer.writerow(names)
    for at, row in enumerate(rows):
        writer.writerow(_texts(_fields(row, names, at), BYTES_MAX - out.tell()))
    return bounded_text(out.getvalue())


def _rows(text: str, delimiter: str, *, trim: bool) -> Iterator[list[str]]:
    csv.field_size_limit(BYTES_MAX)  # of the whole process; the module's own is 128 KiB
    lines = io.StringIO(without_mark(text), newline="")
    skips = trim and delimiter != " "
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=skips)
    try:
        for row in reader:
            bounded_size(len(row), "Array")
            if row:
                yield [each.strip(WHITE_SPACE) for each in row] if trim else row
    except csv.Error as exc:
        raise parse_error("CSV", exc, line=max(reader.line_num, 1)) from exc


def _named(texts: list[str]) -> list[str]:
    taken = {_REST}
    following: dict[str, int] = {}
    names: list[str] = []
    for text in texts:
        name = text
        while name in taken:
            following[text] = following.get(text, 1) + 1
            name = f"{text}_{following[text]}"
        taken.add(name)
        names.append(name)
    return names


def _keyed(columns: list[str], row: list[Any]) -> dict[str, Any]:
    keyed = dict(zip_longest(columns, row[: len(columns)]))
    return {**keyed, _REST: row[len(columns) :]} if len(row) > len(columns) else keyed


def _typed(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text  # larger than any Float
    return text


def _keys(rows: list[Any]) -> list[str]:
    found: dict[str, None] = {}
    seen = 0
    for row in rows:
        if isinstance(row, dict):
            found.update(dict.fromkeys(row))
            seen += len(row)
        if seen > BYTES_MAX:  # each will be written, if only as a delimiter
            raise limit_error("a String holds 10 MiB")
    bounded_size(len(found), "Array")
    return list(found)


def _fields(row: Any, names: list[str], at: int) -> Iterable[Any]:
    if isinstance(row, dict):
        return (row.get(name) for name in names)
    if isinstance(row, list):
        return row
    raise conversion_error(row, "Object or Array", f"rows, row {at}")


def _texts(values: Iterable[Any], room: int) -> list[str]:
    texts: list[str] = []
    for value in values:
        texts.append(to_string(value, "rows"))
        room -= len(texts[-1]) + 1
        if room < 0:
            raise limit_error("a String holds 10 MiB")
    return texts
