"""YAML beyond the examples of its page: aliases, keys, tags, sizes, what plain texts are."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragops.errors import RunFailure
from dragops.nodes.formats_yaml import yaml_parse, yaml_stringify

ODD = [
    *("08", "1e3", "0o17", "0x1F", "1_000", "22:30", "-0", "1.", ".inf", "2026-03-05"),
    *("yes", "no", "on", "y", "true", "True", "~", "null", "", "<<", "=", "?", "---", "..."),
    *("- a", "# c", "a: b", "a #b", "!x", "&a", "*a", "%a", "@a", "`a", ": a", " a", "\ta"),
    *(
        "No...",
        "a...\n",
        "a\n...",
        "a\n",
        "\na",
        "a\nb",
        " a\n  b\n\n",
        "\ufeff",
        "\x85",
        "\u2028",
        "\x07",
        "😀",
    ),
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    TEXTS | st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@settings(max_examples=500, deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    """By every kind: a text that looks like a number is still a text."""
    assert repr(yaml_parse(yaml_stringify(value))) == repr(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[010, 0o17, 0x1F, -1, 1e3, .5, 1_000]", [10, 15, 31, -1, 1000.0, 0.5, "1_000"]),
        ("[22:30, 2026-03-05T10:00:00Z, Yes, on]", ["22:30", "2026-03-05T10:00:00Z", "Yes", "on"]),
        ("[true, True, TRUE, null, ~, Null]", [True, "True", "TRUE", None, None, None]),
        ("[!!str 1, !!int '1', !!float 1, ! 1]", ["1", 1, 1.0, "1"]),
        ("!!binary aG\n k=", b"hi"),
        ("!!timestamp 2026-03-05", "2026-03-05"),
        ("# nothing", None),
        ("\ufeffa: é", {"a": "é"}),
        ("1.0: a\ntrue: b\n~: c", {"1.0": "a", "true": "b", "~": "c"}),
        ("&k x: 1\ny: *k", {"x": 1, "y": "x"}),
        (
            "a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a",
            {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}},
        ),
        ("<<: [{a: 1}, {a: 2, b: 3}]\nc: 4", {"a": 1, "b": 3, "c": 4}),
        ("'<<': 1", {"<<": 1}),
    ],
)
def test_a_text_is_worth_what_version_1_2_says(text: str, value: Any) -> None:
    """Except that few words are Booleans, and that `<<` merges, as everyone expects."""
    assert repr(yaml_parse(text)) == repr(value)


def test_infinity_and_no_number_have_names() -> None:
    positive, negative, nothing = yaml_parse("[.inf, -.Inf, .NaN]")

    assert (positive, negative) == (float("inf"), float("-inf"))
    assert math.isnan(nothing)


@pytest.mark.parametrize(
    ("text", "told", "place"),
    [
        ("[*a]", "there is no &a above", (1, 2)),
        ("a: &a [1, *a]", "&a holds itself", (1, 11)),
        ("a: 1\nb: 2\na: 3", "the key 'a' is there twice", (3, 1)),
        ("1: a\n'1': b", "the key '1' is there twice", (2, 1)),
        ("{<<: {}, <<: {}}", "the key '<<' is there twice", (1, 10)),
        ("<<: 5", "<< takes an Object, or an Array of them", (1, 5)),
        ("? [a]\n: b", "a key must be a text", (1, 3)),
        ("a: &a [1]\n*a : b", "a key must be a text", (2, 1)),
        ("!!set {a}", "the tag tag:yaml.org,2002:set has no meaning here", (1, 1)),
        ("!mine x", "the tag !mine has no meaning here", (1, 1)),
        ("!!int x", "'x' is no int", (1, 1)),
        ("!!bool yes", "'yes' is no bool", (1, 1)),
        ("!!null x", "'x' is no null", (1, 1)),
        ("!!float x", "'x' is no float", (1, 1)),
        ("!!binary '*'", "'*' is no binary", (1, 1)),
        ("1e999", "'1e999' is no float", (1, 1)),
        ("a: b: c", "mapping values are not allowed in this context", (1, 5)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str, place: tuple[int, int]) -> None:
    """Lines and columns count from 1, in the message and as data."""
    line, column = place

    with pytest.raises(RunFailure) as caught:
        yaml_parse(text)

    assert caught.value.type == "ParseError"
    assert caught.value.message == f"not YAML: {told}, line {line}, column {column}"
    assert caught.value.data == {"line": line, "column": column}


@pytest.mark.parametrize("text", ["\x00", "'\ud800'", "a\n---\nb"])
def test_other_texts_are_refused_too(text: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: not YAML: "):
        yaml_parse(text)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "[" * 64 + "1" + "]" * 64,
        "[" * 65 + "]" * 65,
        "[" * 10**6,
        "- " * 65 + "x",
        "a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 40 + "*a" + "]" * 40,
        "[" + "1," * 100_001 + "]",
        "---\n" * 100_001,
        "1" * 1300,
    ],
    ids=range(9),
)
def test_a_text_that_is_worth_too_much_is_a_limit_error(text: str) -> None:
    """It is counted as it is read, with its aliases written out, and reading ends there.

    The Array of all documents is a level more.
    """
    with pytest.raises(RunFailure, match=r"^LimitError: "):
        yaml_parse(text, all_=True)


def test_as_much_as_is_allowed_is_read() -> None:
    assert yaml_parse("[" * 64 + "]" * 64)
    assert len(yaml_parse("[&a [" + "1," * 49_998 + "],*a]")[1]) == 49_998


def test_the_documents_of_a_text_are_read_apart() -> None:
    """An anchor ends with its document."""
    assert yaml_parse("", all_=True) == []
    assert yaml_parse("a\n---\n---\nb", all_=True) == ["a", None, "b"]
    with pytest.raises(RunFailure, match="there is no &a above"):
        yaml_parse("&a 1\n---\n*a", all_=True)


def test_shared_values_are_written_each_time() -> None:
    """No anchors; and no more than could be read."""
    shared = [1]
    assert yaml_stringify([shared, shared]) == "- - 1\n- - 1\n"
    for _ in range(60):
        shared = [shared, shared]  # type: ignore[list-item]  # nests itself
    with pytest.raises(RunFailure, match=r"^LimitError: "):
        yaml_stringify(shared)


def test_texts_are_neither_folded_nor_escaped_without_need() -> None:
    long = "wörd " * 100 + "end"
    assert yaml_stringify({"a": long}) == f"a: {long}\n"
    assert yaml_stringify("x") == "x\n"
    assert yaml_stringify([]) == "[]\n"
