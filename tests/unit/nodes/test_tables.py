"""CSV beyond the examples of its page: quotes, ends of lines, names, sizes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragops.errors import RunFailure
from dragops.nodes.formats_csv import csv_parse, csv_stringify

MARK = "\ufeff"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=MARK))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=4), st.sampled_from(",;\t| x"))
def test_what_is_written_reads_back(rows: list[Any], delimiter: str) -> None:
    """Whatever the texts hold, and whatever stands between them."""
    text = csv_stringify(rows, delimiter=delimiter)

    assert csv_parse(text, delimiter=delimiter, header=False).rows == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\rb\r\nc\nd", [["a"], ["b"], ["c"], ["d"]]),
        ("\n\na\n\n", [["a"]]),
        ('"a\r\nb",c', [["a\r\nb", "c"]]),
        ('a"b,c', [['a"b', "c"]]),
        (MARK + "a", [["a"]]),
        (" a", [[" a"]]),
        ('""', [[""]]),
    ],
)
def test_lines_and_fields_are_found(text: str, rows: Any) -> None:
    """A quoted field may hold line ends; a mark at the beginning is none of the text."""
    assert csv_parse(text, header=False).rows == rows


def test_trimmed_fields_may_have_blanks_before_their_quotes() -> None:
    assert csv_parse(' a ,\xa0b\n 1, "2, 3"', trim=True) == ([{"a": "1", "b": "2, 3"}], ["a", "b"])


def test_types_are_those_of_json_alone() -> None:
    """An id with zeros before it stays a text, as does a number that no Float holds."""
    text = "007,-1.50,1e2,1e999,true,TRUE,null, 1,+1,1.,9007199254740993"

    assert repr(csv_parse(text, header=False, types=True).rows[0]) == repr(
        ["007", -1.5, 100.0, "1e999", True, "TRUE", "null", " 1", "+1", "1.", 9007199254740993]
    )


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("a,a,a", ["a", "a_2", "a_3"]),
        ("a,a,a_2,a", ["a", "a_2", "a_2_2", "a_3"]),
        (",,_extra", ["", "_2", "_extra_2"]),
    ],
)
def test_no_two_columns_have_one_name(header: str, columns: Any) -> None:
    """Nor is one named like the place of what is too much."""
    table = csv_parse(header + "\n1,2,3,4,5,6,7", types=True)

    assert table.columns == columns
    assert list(table.rows[0].values()) == [
        *range(1, len(columns) + 1),
        [*range(len(columns) + 1, 8)],
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [('a,b\n"x', 2), ('a\n\n"x"y', 3), ('"', 1)],
)
def test_a_quote_that_does_not_fit_names_its_line(text: str, line: int) -> None:
    with pytest.raises(RunFailure, match=rf"^ParseError: not CSV: .*, line {line}$") as caught:
        csv_parse(text)

    assert caught.value.data == {"line": line}


@pytest.mark.parametrize(
    ("rows", "settings", "text"),
    [
        ([{"a": 1}, [2, 3], {"b": None}], {}, "a,b\r\n1,\r\n2,3\r\n,\r\n"),
        ([{"a": 1, "b": 2}], {"columns": ["b", "c"], "header": False}, "2,\r\n"),
        ([[1.0, {"k": [True]}]], {"columns": ["x"]}, 'x\r\n1,"{""k"":[true]}"\r\n'),
        ([], {"columns": ["a", "b"]}, "a,b\r\n"),
        ([{"a": None}], {"header": False}, '""\r\n'),
    ],
)
def test_rows_are_written_by_their_columns(rows: Any, settings: Any, text: str) -> None:
    """Objects by name, Arrays as they are; a lone empty field is quoted, so that it is seen."""
    assert csv_stringify(rows, **settings) == text


def test_a_row_is_an_object_or_an_array() -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError: pin rows, row 1: 5 cannot be"):
        csv_stringify([[1], 5])


@pytest.mark.parametrize(
    "make",
    [
        lambda: csv_parse("a\n" * 100_002),
        lambda: csv_parse("," * 100_000),
        lambda: csv_stringify([["x" * 2**20] * 100_000]),
        lambda: csv_stringify([[]] * 2 + [["x" * (10 * 2**20)]]),
        lambda: csv_stringify([[{"k": "x" * 2**20}] * 100_000]),
        lambda: csv_stringify([{str(i): 1 for i in range(1000)}] * 20_000),
    ],
)
def test_what_is_too_large_is_a_limit_error(make: Any) -> None:
    """It is not made first: some of these would fill the machine."""
    with pytest.raises(RunFailure, match=r"^LimitError"):
        make()


def test_a_field_may_be_as_long_as_a_string() -> None:
    assert csv_parse("x" * 2**20).columns == ["x" * 2**20]
