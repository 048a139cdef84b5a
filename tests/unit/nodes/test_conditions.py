"""Conditions: what each operator makes of each kind of value; none ever fails."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.conditions import OPERATORS, condition

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("found", "operator", "value", "wanted"),
    [
        (1, "equals", 1.0, True),
        (1, "equals", True, False),
        (None, "notEquals", "", True),
        (2, "greaterThan", 1.5, True),
        ("b", "greaterThan", "a", True),
        (LATER, "greaterThan", NOON, True),
        (2, "greaterOrEqual", 2, True),
        (NOON, "lessOrEqual", NOON, True),
        ("10", "lessThan", 9, False),
        (True, "greaterThan", 0, False),
        (True, "lessThan", True, False),
        (None, "lessOrEqual", None, False),
        ([1], "lessThan", [2], False),
        ("Hello", "contains", "ell", True),
        ("a1", "contains", 1, True),
        ([1, 2], "contains", 2.0, True),
        ({"a": 1}, "contains", "a", True),
        (5, "contains", 5, False),
        (5, "notContains", 5, True),
        (None, "notContains", "a", True),
        ("abc", "startsWith", "ab", True),
        ("abc", "endsWith", "bc", True),
        (12, "startsWith", "1", False),
        ("12", "startsWith", 1, False),
        ("x42", "matches", r"\d+$", True),
        ("x", "matches", r"\d", False),
        (42, "matches", r"\d", False),
        ("42", "matches", 42, False),
        ("\ud800", "matches", ".", False),
        (1.0, "in", [1, "a"], True),
        ({"a": 1}, "in", [{"a": 1.0}], True),
        (True, "in", [1], False),
        ("a", "in", "abc", False),
        ("a", "notIn", "abc", True),
        (None, "in", [None], True),
        (None, "isNull", None, True),
        ("", "isNotNull", None, True),
        ([], "isEmpty", None, True),
        (0, "isNotEmpty", None, True),
        (True, "isTrue", None, True),
        (1, "isTrue", None, False),
        (False, "isFalse", None, True),
        (0, "isFalse", None, False),
    ],
)
def test_an_operator_asks_what_the_page_says(
    found: Any, operator: str, value: Any, wanted: bool
) -> None:
    """Of the value at the path; what cannot be compared does not fit."""
    holds = condition("a.b", operator, value)

    assert holds({"a": {"b": found}}) is wanted


def test_nothing_is_null() -> None:
    """A path that leads nowhere has null at its end; "" is the item, whatever its keys."""
    assert condition("a.b", "isNull", None)({"a": 5})
    assert condition("", "equals", {"": 1})({"": 1})


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", [None, True, 0, 1.5, "a", b"a", NOON, [], [{}], {"a": []}])
def test_a_condition_never_fails(operator: str, value: Any) -> None:
    """Whatever stands on its two sides."""
    for found in (None, False, 3, -0.5, "", "a", b"", LATER, [1], {}, {"a": 1}):
        assert condition("", operator, value)(found) in {True, False}


def test_a_bad_pattern_is_a_parse_error() -> None:
    """Before any item is looked at."""
    with pytest.raises(RunFailure, match=r"^ParseError: bad regular expression '\(': missing \)"):
        condition("", "matches", "(")


def test_a_pattern_that_would_hang_others_is_answered_at_once() -> None:
    """RE2 takes linear time."""
    assert not condition("", "matches", "(a*)*b")("a" * 100_000)


def test_a_pattern_has_1000_characters() -> None:
    with pytest.raises(RunFailure, match=r"^LimitError: .*a regular expression has 1000"):
        condition("", "matches", "a" * 1001)
