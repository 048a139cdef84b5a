"""JMESPath within limits: expressions come from authors, and values from strangers."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.queries import ask, checked_query

DOUBLED = "|".join(["[@, @][]"] * 40)
NESTED = "|".join(["[@, @]"] * 70)


@pytest.mark.parametrize(
    ("expression", "value", "failure"),
    [
        ("a[", {}, "ParseError: bad JMESPath"),
        ("", {}, "ParseError: bad JMESPath"),
        ("(" * 1500 + "a" + ")" * 1500, {}, "ParseError: bad JMESPath"),
        ("nope(@)", {}, r"ParseError: JMESPath has no function nope\(\): it has abs, avg"),
        ("length(@, @)", [], r"ParseError: JMESPath's length\(\) has 2 arguments: give it 1"),
        ("merge()", {}, r"ParseError: JMESPath's merge\(\) has 0 arguments: give it 1 or more"),
        ("length(@)", 5, r"ConversionError: JMESPath 'length\(@\)': In function length"),
        ("contains('abc', `1`)", {}, "ConversionError"),
        ("max_by(@, &k)", [{"k": 1}, {"k": "a"}], "ConversionError"),
        ("a" * 4001, {}, "LimitError: .*an expression has 4000 characters"),
        (DOUBLED, 1, "LimitError: .*an Array holds 100000 items"),
        (NESTED, 1, "LimitError: .*values nest 64 levels"),
        ("join('', @)", ["x" * 10**6] * 11, "LimitError: .*a String holds 10 MiB"),
        ("[][]", [[[None] * 400] * 400], "LimitError: .*an Array holds"),
    ],
    ids=range(14),
)
def test_an_expression_fails_as_its_fault_is(expression: str, value: Any, failure: str) -> None:
    """Malformed, of the wrong type, or larger than any value: told before it is built."""
    with pytest.raises(RunFailure, match="^" + failure):
        ask(expression, value)


def test_flattening_again_and_again_costs_no_more_than_its_steps() -> None:
    """Each step looks once at what is before it."""
    assert ask("@" + "[]" * 60, [[1], 2]) == [1, 2]
    assert ask("[]", 5) is None


def test_a_fixed_expression_may_be_unset() -> None:
    assert checked_query("") == ""
    with pytest.raises(ValueError, match="an expression has 4000 characters"):
        checked_query("a" * 4001)
