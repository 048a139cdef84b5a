"""XML beyond the examples of its page: what is refused, what is kept, what would be too much."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.formats_xml import xml_parse, xml_stringify

LAUGHS = """<!DOCTYPE l [
 <!ENTITY a "ha"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"> <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
]><l>&d;</l>"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a>x<b/>y</a>", {"a": {"b": None, "#text": "xy"}}),
        ("<a> \n </a>", {"a": None}),
        ("<a id=''/>", {"a": {"@id": ""}}),
        ("<a id='1'> x </a>", {"a": {"@id": "1", "#text": "x"}}),
        ("<x:a xmlns:x='u' x:b='1'/>", {"x:a": {"@xmlns:x": "u", "@x:b": "1"}}),
        ("<a><![CDATA[<b>]]>&amp;&#65;</a>", {"a": "<b>&A"}),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>", {"a": "é"}),
        ("\ufeff<a><!-- c --><?p i?></a>", {"a": None}),
    ],
)
def test_a_text_is_read_as_its_page_says(text: str, value: Any) -> None:
    """The text was decoded before it came here, whatever its declaration says."""
    assert xml_parse(text) == value


@pytest.mark.parametrize(
    ("text", "told", "place"),
    [
        ("<a>&b;</a>", "not XML: undefined entity", (1, 4)),
        ("<a>\n</b>", "not XML: mismatched tag", (2, 3)),
        ("<a/><b/>", "not XML: junk after document element", (1, 5)),
        ("", "not XML: no element found", (1, 1)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str, place: tuple[int, int]) -> None:
    """Lines and columns count from 1."""
    line, column = place

    with pytest.raises(RunFailure) as caught:
        xml_parse(text)

    assert caught.value.type == "ParseError"
    assert caught.value.message == f"{told}, line {line}, column {column}"
    assert caught.value.data == {"line": line, "column": column}


@pytest.mark.parametrize("text", [LAUGHS, "<!DOCTYPE html>\n<a/>"])
def test_a_document_type_is_refused(text: str) -> None:
    """So nothing declares what could grow, or lie elsewhere."""
    with pytest.raises(RunFailure, match=r"^ParseError: not plain XML: .* out, line 1$") as caught:
        xml_parse(text)

    assert caught.value.data == {"line": 1}


def test_a_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: not XML: "):
        xml_parse("<a>\ud800</a>")


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 64 + "</a>" * 64,
        "<a>" * 10**6,
        "<r>" + "<a/>" * 100_001,
        "<r " + " ".join(f"a{i}=''" for i in range(100_001)) + "/>",
    ],
    ids=range(4),
)
def test_a_text_that_is_worth_too_much_is_a_limit_error(text: str) -> None:
    """Reading ends where the limit is passed."""
    with pytest.raises(RunFailure, match=r"^LimitError: "):
        xml_parse(text)


def test_as_much_as_is_allowed_is_read() -> None:
    assert xml_parse("<a>" * 63 + "</a>" * 63)
    assert len(xml_parse("<r>" + "<a/>" * 100_000 + "</r>")["r"]["a"]) == 100_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1.0]}, "<a>1</a>"),
        ({"a": {"@x": None, "@y": True, "#text": "<&>"}}, '<a x="" y="true">&lt;&amp;&gt;</a>'),
        ({"a": {"@q": '"<\n'}}, "<a q='\"&lt;&#10;'></a>"),
        ({"a": {"b": [], "c": [{}, None]}}, "<a><c></c><c></c></a>"),
        ({"é:ü": "😀"}, "<é:ü>😀</é:ü>"),
    ],
)
def test_a_value_is_written_as_its_page_says(value: Any, text: str) -> None:
    """What is text stays text, whatever it looks like."""
    assert xml_stringify(value) == text


def test_a_declaration_may_be_asked_for() -> None:
    assert xml_stringify({"a": None}, True) == '<?xml version="1.0" encoding="utf-8"?>\n<a></a>'


@pytest.mark.parametrize(
    "value",
    [
        *({}, {"a": [1, 2]}, {"a": []}, {"@a": 1}, {"#text": "a"}),
        *({"a b": 1}, {"1a": 1}, {"a": {"b><c": 1}}, {"a": {"@": 1}}, {"a": {'@b="" c': 1}}),
        *({"a": {"#comment": "x"}}, {"?a": 1}, {"a": {"b": [[1]]}}, {"a": "\x01"}, {"a": "\ud800"}),
    ],
    ids=repr,
)
def test_what_xml_cannot_hold_is_a_parse_error(value: Any) -> None:
    """No key or text gets out of its place."""
    with pytest.raises(RunFailure, match=r"^ParseError: XML "):
        xml_stringify(value)


def test_shared_values_are_counted_each_time() -> None:
    shared: Any = "x" * 1000
    for name in "dcba":
        shared = {name: [shared] * 100}
    with pytest.raises(RunFailure, match=r"^LimitError: .*a String holds 10 MiB"):
        xml_stringify({"r": shared})
