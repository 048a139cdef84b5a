"""Contains: what counts as part of what."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.containing import contains


@pytest.mark.parametrize(
    ("container", "item", "wanted"),
    [
        ("abc", "", True),
        ("abc", None, True),
        ("a1", 1.0, True),
        ("is true", True, True),
        ([None], None, True),
        ([[1], {"a": 1}], {"a": 1.0}, True),
        ([True], 1, False),
        ({"1": None}, 1, True),
        ({"a": "b"}, "b", False),
        (None, None, False),
        ([], None, False),
    ],
)
def test_a_container_holds_what_is_equal_to_a_part(container: Any, item: Any, wanted: bool) -> None:
    """Parts of a text are texts, items of an Array are Equal, an Object holds its keys."""
    assert contains(container, item) is wanted


@pytest.mark.parametrize("container", ["Straße X", ["STRASSE", "x"], {"X": 1}])
def test_case_counts_for_nothing_when_it_is_ignored(container: Any) -> None:
    assert contains(container, "x", ignore_case=True) is True
    assert contains(container, "X", ignore_case=True) is True
    assert contains(container, "y", ignore_case=True) is False


@pytest.mark.parametrize(
    ("container", "item"),
    [
        ([{"a": 1}], {"a": 1}),
        ([{"a": ["X"]}], {"a": ["x"]}),
        ([["A", "b"]], ["a", "B"]),
        ('is {"a":1}', {"a": 1}),
        ('is {"A":[true]}', {"a": [True]}),
        ({"TRUE": 0}, True),
    ],
)
def test_case_is_ignored_inside_of_what_is_looked_for(container: Any, item: Any) -> None:
    """Objects keep their values, and Arrays are compared item by item."""
    assert contains(container, item, ignore_case=True) is True
    assert contains(container, {"a": 2}, ignore_case=True) is False


@pytest.mark.parametrize("container", [5, 0.5, True, b"ab"])
def test_what_holds_nothing_cannot_be_asked(container: Any) -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError: pin container: .*String, Array or"):
        contains(container, "a")
