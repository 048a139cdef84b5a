"""How Strings look: upper and lower case, what stands at their ends, how long they are."""

import re
from typing import Literal

from dragops.nodes.category import Category
from dragops.nodes.limits import BYTES_MAX, bounded_text, limit_error
from dragops.nodes.white_space import WHITE_SPACE

category = Category("String")

_WORD = re.compile(f"[^{WHITE_SPACE}]+")


@category.node("ToUpperCase pure (value: String!) -> (result: String)")
def to_upper_case(value: str) -> str:
    """Write all in upper case."""
    return bounded_text(value.upper())


@category.node("ToLowerCase pure (value: String!) -> (result: String)")
def to_lower_case(value: str) -> str:
    """Write all in lower case."""
    return bounded_text(value.lower())


@category.node("ToTitleCase pure (value: String!) -> (result: String)")
def to_title_case(value: str) -> str:
    """Write the first character of each word in upper case, the rest in lower case."""
    return bounded_text(_WORD.sub(lambda word: _titled(word[0]), value))


@category.node(
    'Trim pure (value: String!, characters: String = "")'
    ' [side: Enum(both|start|end) = "both"] -> (result: String)'
)
def trim(value: str, characters: str = "", side: Literal["both", "start", "end"] = "both") -> str:
    """Take certain characters off the ends: white space, unless others are named."""
    unwanted = characters or WHITE_SPACE
    if side == "both":
        return value.strip(unwanted)
    return value.lstrip(unwanted) if side == "start" else value.rstrip(unwanted)


@category.node(
    'Pad pure (value: String!, length: Integer!, character: String = " ")'
    ' [side: Enum(start|end) = "start"] -> (result: String)'
)
def pad(
    value: str, length: int, character: str = " ", side: Literal["start", "end"] = "start"
) -> str:
    """Fill a text up to a length, at its start or at its end; a longer one stays."""
    missing = length - len(value)
    if missing <= 0 or not character:
        return value
    if length > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    filling = (character * (missing // len(character) + 1))[:missing]
    return bounded_text(filling + value if side == "start" else value + filling)


@category.node(
    'Truncate pure (value: String!, length: Integer!, suffix: String = "…") -> (result: String)'
)
def truncate(value: str, length: int, suffix: str = "…") -> str:
    """Cut a text that is longer than a length, so that it fits with the suffix."""
    room = max(length, 0)
    if len(value) <= room:
        return value
    return value[: room - len(suffix)] + suffix if len(suffix) <= room else suffix[:room]


def _titled(word: str) -> str:
    # not the rest alone in lower case: a final sigma has to know that it ends a word
    return word[0].upper() + word.lower()[len(word[0].lower()) :]
