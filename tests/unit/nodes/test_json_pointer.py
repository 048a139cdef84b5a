"""JSON pointers, as RFC 6901 has them."""

from typing import Any

import pytest

from dragops.nodes.json_pointer import found_at, read_pointer

DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, " ": 7, "01": 5, "n": None}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/ ", 7),
        ("/01", 5),
        ("/foo/01", None),
        ("/foo/2", None),
        ("/foo/-", None),
        ("/foo/-1", None),
        ("/foo/²", None),
        ("/foo/9999999999999999999999", None),
        ("/foo/bar", None),
        ("/n/deeper", None),
        ("/nope", None),
    ],
)
def test_a_pointer_finds_what_the_standard_says(pointer: str, found: Any) -> None:
    """What is not there is null; positions are written in one way only."""
    assert found_at(DOCUMENT, pointer) == found


@pytest.mark.parametrize("pointer", ["a", "/a~", "/a~2", "/~~"])
def test_a_malformed_pointer_is_told(pointer: str) -> None:
    with pytest.raises(ValueError, match="JSON pointer"):
        read_pointer(pointer)
