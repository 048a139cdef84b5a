"""Field lists: what makes pins, and what is none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.model.pin import PinType
from dragops.nodes.fields import Field, read_fields


def test_a_text_is_short_for_a_name() -> None:
    """Its type is Any and its key its name."""
    assert read_fields(["a", {"name": "a_2"}]) == (
        Field("a", PinType.ANY, False, None, "a"),
        Field("a_2", PinType.ANY, False, None, "a_2"),
    )


@pytest.mark.parametrize(
    ("type_", "given", "default"),
    [
        ("Integer", "7", 7),
        ("number", None, 0),
        ("string", None, ""),
        ("Any", None, None),
        ("DateTime", None, None),
        ("DateTime", "2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
        ("Binary", "YWI=", b"ab"),
        ("Array", None, []),
    ],
)
def test_a_default_is_converted_to_the_type(type_: str, given: Any, default: Any) -> None:
    """Without one the type's null stands: its zero, where it has one."""
    (field,) = read_fields([{"name": "a", "type": type_, "default": given}])

    assert field.as_input().default == default


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([5], "the field 5 must be a name or an Object"),
        (["a b"], "'a b' is no field name"),
        ([{"type": "String"}], "null is no field name"),
        (["a" * 64], "is no field name"),
        (["a", {"name": "a"}], "the field a is there twice"),
        (["fields"], "the name fields is taken"),
        ([{"name": "a", "kind": "String"}], "a field has no 'kind': it has name, type"),
        ([{"name": "a", "type": "Exec"}], "the field a has no type 'Exec': use String, Integer"),
        ([{"name": "a", "type": "Text"}], "the field a has no type 'Text'"),
        ([{"name": "a", "type": 5}], "the field a has no type 5"),
        ([{"name": "a", "required": 1}], "required of the field a must be true or false"),
        ([{"name": "a", "key": 1}], "the key of the field a must be a String"),
        ([{"name": "a", "type": "Integer", "default": "x"}], "cannot be converted to Integer"),
        ([{"name": "a", "type": "Binary", "default": "x"}], "cannot be converted to Binary"),
        ([f"a{i}" for i in range(65)], "more than 64 fields"),
    ],
)
def test_what_makes_no_pin_is_refused(listed: list[Any], told: str) -> None:
    """With the field's name, and what would do."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # what it says is compared below
        read_fields(listed, taken=("fields",))
    assert told in str(caught.value)
