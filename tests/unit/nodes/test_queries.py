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
        ("[::0]", [1], "ConversionError"),
        ("sum(@)", [1e308, 1e308], r"MathError: sum\(\) is infinite or not a number"),
        ("map(&sum(@), @)", [[1e308, 1e308]], r"MathError: sum\(\) is infinite"),
        ("sum(@)", [2**4095, 2**4095], "LimitError: .*an Integer holds 4096 bits"),
        ("`NaN`", {}, "ParseError: a number in this JMESPath is none of JSON"),
        ("[?a > `1e999`]", [], "ParseError: a number in this JMESPath is none of JSON"),
        (r'{"\ud800": a}', {}, "ParseError: a text in this JMESPath is no valid Unicode"),
        (r'`["\ud800"]`', {}, "ParseError: a text in this JMESPath is no valid Unicode"),
    ],
    ids=range(22),
)
def test_an_expression_fails_as_its_fault_is(expression: str, value: Any, failure: str) -> None:
    """Malformed, of the wrong type, or larger than any value: told before it is built."""
    with pytest.raises(RunFailure, match="^" + failure):
        ask(expression, value)


PEOPLE = {"all": [{"name": "Ann", "age": 30}, {"name": "Bo", "age": 20}, {"name": "Cy"}]}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("all[0:2].name", ["Ann", "Bo"]),
        ("all[::-1].name | [0]", "Cy"),
        ("all[-1:].name", ["Cy"]),
        ("all[?age > `20` && name != 'Bo'].name", ["Ann"]),
        ("all[?!age || age < `25`].name", ["Bo", "Cy"]),
        ("all[*].[name, age]", [["Ann", 30], ["Bo", 20], ["Cy", None]]),
        ("all[*].{who: name}", [{"who": "Ann"}, {"who": "Bo"}, {"who": "Cy"}]),
        ("*[].age", [30, 20]),
        ("all[1].*", ["Bo", 20]),
        ("sort_by(all[?age], &age)[*].name", ["Bo", "Ann"]),
        ("max_by(all[?age], &age).name", "Ann"),
        ("map(&to_string(@), all[].age)", ["30", "20"]),
        ("length(all) == `3`", True),
        ('"all"[0]."name"', "Ann"),
        ("@.all | [1].name", "Bo"),
        ("to_number('30.0') == all[0].age", True),
        ("[to_number('nan'), to_number('1e999'), to_number('x'), to_number(`true`)]", [None] * 4),
        ("not_null(none, all[2].age, 'unknown')", "unknown"),
        ("avg(all[].age)", 25.0),
        ("none", None),
    ],
)
def test_an_expression_finds_what_jmespath_says(expression: str, wanted: Any) -> None:
    """Slices, projections, filters and functions: all that the language has."""
    assert checked_query(expression) == expression
    assert ask(expression, PEOPLE) == wanted


def test_flattening_again_and_again_costs_no_more_than_its_steps() -> None:
    """Each step looks once at what is before it."""
    assert ask("@" + "[]" * 60, [[1], 2]) == [1, 2]
    assert ask("[]", 5) is None


def test_a_fixed_expression_may_be_unset() -> None:
    assert checked_query("") == ""
    with pytest.raises(ValueError, match="an expression has 4000 characters"):
        checked_query("a" * 4001)
