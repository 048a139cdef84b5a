"""Fixed values that are sure to fail are refused when the pattern is compiled."""

from typing import Any

import pytest

from dragops.compiler.check import check
from support.patterns import node, pattern

SURE_TO_FAIL: list[tuple[str, dict[str, Any], str]] = [
    ("Round", {"value": 1, "digits": 16}, "digits is 16: use -15 to 15"),
    ("Logarithm", {"value": 1, "base": 1}, "base is 1: use a number above 0 other than 1"),
    ("Logarithm", {"value": 1, "base": -2}, "base is -2: use a number above 0"),
    ("RemoveProperty", {"object": {}, "key": "a..b"}, "malformed path 'a..b'"),
    ("MakeObject", {"fields": ["a", "a"]}, "the field a is there twice"),
    ("MakeObject", {"fields": ["a", {"name": "b", "key": "a"}]}, "two fields write the key 'a'"),
    ("MakeObject", {"fields": ["skipNull"]}, "the name skipNull is taken"),
    ("BreakObject", {"object": {}, "fields": [{"name": "a", "key": "a["}]}, "malformed path 'a['"),
    ("BreakObject", {"object": {}, "fields": ["object"]}, "the name object is taken"),
    ("BreakObject", {"object": {}, "fields": [{"name": "a", "default": 1}]}, "nor has a default"),
    ("Merge", {"a": {}, "b": {}, "arrays": "join"}, "arrays is 'join': use one of replace, concat"),
    ("IsType", {"value": 1, "type": "Text"}, "type is 'Text': use one of String, Integer"),
]


@pytest.mark.parametrize(("type_", "values", "told"), SURE_TO_FAIL)
def test_a_value_that_is_sure_to_fail_is_a_fault(
    type_: str, values: dict[str, Any], told: str
) -> None:
    """It names node and pin and says what would do."""
    spec = pattern("p", node("start", "OnStart"), node("x", type_, **values))

    (fault,) = check(spec)[1]

    assert (fault.code, fault.node_id) == ("BAD_VALUE", "x")
    assert told in fault.message
