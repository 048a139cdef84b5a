"""Strings beyond the examples of their page: ends, limits, what Unicode says."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import string, string_search, string_shape

LONG = "x" * (10 * 2**20)
HUGE = 10**400
"""An Integer that no machine word can hold."""


@pytest.mark.parametrize(
    "make",
    [
        lambda: string.replace(LONG, "x", "yy"),
        lambda: string.replace(LONG[: 2**20], "x", LONG),
        lambda: string.join([LONG, "x"], ""),
        lambda: string.join([None] * 100_000, "x" * 1000),
        lambda: string.join(["é" * (6 * 2**20)], ""),
        lambda: string.split("," * 100_000),
        lambda: string.split("a" * 100_001, ""),
        lambda: string.format_("{a}" * 20_000, {"a": LONG}),
        lambda: string_shape.pad("", HUGE),
        lambda: string_shape.pad("", 10 * 2**20, "é"),
        lambda: string_shape.to_upper_case("ŉ" * (5 * 2**20)),
        lambda: string_shape.to_title_case("ŉ " * (3 * 2**20)),
    ],
)
def test_what_would_be_too_long_is_a_limit_error(make: Any) -> None:
    """And it is not made first: some of these would fill the machine."""
    with pytest.raises(RunFailure, match=r"^LimitError"):
        make()


def test_the_longest_texts_can_be_made() -> None:
    assert string.replace(LONG, "x", "y") == "y" * len(LONG)
    assert len(string.split("," * 99_999)) == 100_000
    assert len(string_shape.pad("", len(LONG))) == len(LONG)


@pytest.mark.parametrize(
    ("value", "start", "length", "wanted"),
    [
        ("abc", HUGE, HUGE, ""),
        ("abc", -HUGE, HUGE, "abc"),
        ("abc", 1, -HUGE, ""),
        ("abc", -1, 5, "c"),
        ("abc", 0, 0, ""),
    ],
)
def test_a_piece_lies_within_its_text(value: str, start: int, length: int, wanted: str) -> None:
    assert string.substring(value, start, length) == wanted


@pytest.mark.parametrize(
    ("value", "search", "start", "wanted"),
    [
        ("banana", "a", -1, 5),
        ("banana", "b", -HUGE, 0),
        ("banana", "a", HUGE, -1),
        ("abc", "", 1, 1),
        ("abc", "", 9, 3),
        ("abc", "", -9, 0),
    ],
)
def test_a_place_is_looked_for_from_start(value: str, search: str, start: int, wanted: int) -> None:
    """From the end when start is below 0; nothing is found where the search would begin."""
    assert string_search.index_of(value, search, start) == wanted


def test_nothing_is_last_found_at_the_end() -> None:
    assert string_search.index_of("abc", "", 1, last=True) == 3


def test_white_space_is_what_unicode_calls_so() -> None:
    """A no-break space is, the separators of control codes and a zero-width space are not."""
    assert string_shape.trim("\u00a0\u2003a\u3000\x85") == "a"
    assert string_shape.trim("\x1fa\u200b") == "\x1fa\u200b"
    assert string.split(" a ,\u2009", trim=True) == ["a", ""]
    assert string_shape.to_title_case("ab\u00a0cd\x1fef") == "Ab\u00a0Cd\x1fef"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("ΟΔΟΣ ΣΑΣ", "Οδος Σας"), ("İSTANBUL", "İstanbul"), ("ßA", "SSa"), ("", ""), (" \n", " \n")],
)
def test_a_title_follows_unicode(value: str, wanted: str) -> None:
    assert string_shape.to_title_case(value) == wanted


@pytest.mark.parametrize(
    ("length", "suffix", "wanted"),
    [(-HUGE, "…", ""), (0, "…", ""), (1, "…", "…"), (2, "", "he"), (HUGE, "…", "hello")],
)
def test_a_text_is_cut_with_its_suffix(length: int, suffix: str, wanted: str) -> None:
    assert string_shape.truncate("hello", length, suffix) == wanted


@pytest.mark.parametrize(("side", "wanted"), [("both", "-a-"), ("start", "-a-."), ("end", ".-a-")])
def test_named_characters_are_trimmed(side: Any, wanted: str) -> None:
    assert string_shape.trim(".-a-.", ".", side) == wanted


def test_characters_to_trim_are_a_set() -> None:
    """Whatever they would be to a regular expression."""
    assert string_shape.trim("]^-a-", "^]-") == "a"


def test_a_filling_is_cut_to_fit() -> None:
    """A length below the text's leaves it, and so does a filling of nothing."""
    assert string_shape.pad("7", 6, "ab") == "ababa7"
    assert string_shape.pad("7", -HUGE) == "7"
    assert string_shape.pad("7", 10, "") == "7"


def test_case_can_be_ignored_at_both_ends() -> None:
    assert string_search.starts_with("ÀB", "à", ignore_case=True)
    assert string_search.ends_with("a.PDF", ".pdf", ignore_case=True)
    assert not string_search.ends_with("a.PDF", ".pdf")
