"""Regular expressions beyond the examples of their page: odd places, groups, hostile texts."""

import pytest

from dragops.errors import RunFailure
from dragops.nodes import regex
from dragops.nodes.string_regex import regex_extract, regex_replace, regex_test

NESTED = "(x+x+)+y"
"""What makes engines that go back and forth look for hours."""


@pytest.mark.parametrize(
    ("value", "pattern", "wanted"),
    [
        ("ab cd", r"\b", ["", "", "", ""]),
        ("abxd", "x*", ["", "", "x", "", ""]),
        ("añ😀", "", ["", "", "", ""]),
        ("añ😀b", "[^b]", ["a", "ñ", "😀"]),
        ("", "^$", [""]),
        ("a\nb", "(?m)^", ["", ""]),
        ("a\ud800b", "[^ab]", ["\ud800"]),
        ("é", r"\C", ["\ufffd", "\ufffd"]),
    ],
)
def test_every_place_is_found_once(value: str, pattern: str, wanted: list[str]) -> None:
    """Empty ones too, and never within a character."""
    assert regex_extract(value, pattern).matches == wanted


def test_groups_are_those_of_the_first_place() -> None:
    """In the order in which they are opened; names in that order, too."""
    found = regex_extract("x1 y2", r"(?P<z>[a-z])(?P<a>\d)(!)?")

    assert found == ("x1", ["x", "1", None], {"z": "x", "a": "1"}, ["x1", "y2"], True)
    assert list(found.named) == ["z", "a"]


def test_nothing_found_is_nothing() -> None:
    assert regex_extract("x", "(?P<g>q)") == (None, [], {}, [], False)


@pytest.mark.parametrize(
    ("pattern", "flags", "wanted"),
    [
        ("^B$", "", False),
        ("^B$", "i", False),
        ("^B$", "mi", True),
        ("a.b", "", False),
        ("a.b", "s", True),
        ("x|B", "i", True),
        ("^b", "mm", True),
    ],
)
def test_flags_hold_for_the_whole_pattern(pattern: str, flags: str, wanted: bool) -> None:
    assert regex_test("a\nb", pattern, flags) is wanted


@pytest.mark.parametrize(
    ("pattern", "replacement", "wanted"),
    [
        ("b", r"\\1", r"a\1c"),
        ("(b)", r"\10", "ab0c"),
        ("(?P<n>b)", r"\g<n>\g<1>\g<0>", "abbbc"),
        ("(b)|(c)", r"[\2]", "a[][c]"),
        ("", "-", "-a-b-c-"),
        ("b", "é$1&", "aé$1&c"),
        ("z", r"\g<0>", "abc"),
    ],
)
def test_a_replacement_may_hold_groups(pattern: str, replacement: str, wanted: str) -> None:
    r"""A group that took no part is nothing; `$1` and `&` are only text."""
    assert regex_replace("abc", pattern, replacement) == wanted


@pytest.mark.parametrize(
    ("replacement", "told"),
    [
        (r"\2", r"unknown group '2': the pattern has 0 to 1, n"),
        (r"\g<m>", "unknown group 'm'"),
        (r"\g<999>", "unknown group '999'"),
        (r"\g<9999>", r"a lone \\ at character 0"),
        ("x\\", r"a lone \\ at character 1: write \\\\ for a backslash"),
        (r"\n", r"a lone \\"),
        (r"\0", r"a lone \\ at character 0: .* \\g<name> for a group"),
    ],
)
def test_a_group_that_is_not_there_is_a_parse_error(replacement: str, told: str) -> None:
    """Whether or not the pattern is found."""
    for value in ("ab", ""):
        with pytest.raises(RunFailure, match=f"^ParseError: {told}"):
            regex_replace(value, "(?P<n>a)", replacement)


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a{1001}", "[", "\ud800", "(a{9}){999}{9}"])
def test_what_re2_refuses_is_a_parse_error(pattern: str) -> None:
    """Look-around and back references, for which no linear time is known, too."""
    with pytest.raises(RunFailure, match=r"^ParseError: "):
        regex_test("a", pattern, "i")


def test_the_fault_of_a_pattern_does_not_speak_of_what_we_add() -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: .*: missing \): \(a$"):
        regex_test("a", "(a", "ims")


def test_a_longer_pattern_is_refused() -> None:
    """It is a limit, with or without flags."""
    assert regex_test("a" * 1000, "a" * 1000, "i")
    with pytest.raises(RunFailure, match=r"^LimitError: .*1000 characters"):
        regex_test("a", "a" * 1001)


def test_nested_repetitions_take_no_time() -> None:
    """A megabyte goes by in one look."""
    assert not regex_test("x" * 2**20, NESTED)


def test_looking_again_and_again_has_an_end() -> None:
    """Each look at this text goes to its end, which would take minutes in all."""
    hostile, text = "(?s)<!--.*?-->|<", "<!--" * 200_000

    with pytest.raises(RunFailure, match=r"^LimitError: .*0\.1 s of the processor"):
        list(regex.places(regex.compiled(hostile), text.encode(), seconds=0.1))
    with pytest.raises(RunFailure, match=r"^LimitError: .*2 s of the processor"):
        regex_replace(text, hostile)


def test_there_are_as_many_matches_as_an_array_has_room_for() -> None:
    assert len(regex_extract("a" * 100_000, "a").matches) == 100_000
    with pytest.raises(RunFailure, match=r"^LimitError: .*an Array holds 100000 items"):
        regex_extract("a" * 100_001, "a")


def test_a_replacement_stops_before_the_text_is_too_long() -> None:
    """Long before: what it would make has 100 GB."""
    with pytest.raises(RunFailure, match=r"^LimitError: .*10 MiB"):
        regex_replace("a" * 2**20, "a", "x" * 2**17)
    assert len(regex_replace("a" * 2**20, "a{512}", "x" * 5 * 2**10)) == 10 * 2**20
    with pytest.raises(RunFailure, match=r"^LimitError: .*10 MiB"):
        regex_replace("a" * 2**20 + "b", "a{512}", "x" * 5 * 2**10)


def test_an_expression_is_kept_once() -> None:
    """The library would keep 128 more of a stranger's, of 8 MiB each."""
    import re2  # noqa: PLC0415  # as the nodes do

    for number in range(100):
        regex_test("a", f"a{number}")

    assert re2._Regexp._make.cache_info().currsize == 0
    assert regex.read_pattern.cache_info().currsize <= 64
