r"""What stands for a place that a regular expression found: text with groups, as in ``\2/\1``."""

import re
from typing import Any, Final

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<digit>[1-9])|g<(?P<group>[0-9]{1,3}|[^\W\d]\w{0,999})>|(?P<slash>\\))|\\"
)


def read_replacement(text: str) -> list[str | int]:
    r"""Split a replacement into texts and, at odd places, groups; ValueError if it is malformed.

    Groups are numbers or names: ``a\1`` is ``["a", 1, ""]``.
    """
    parts: list[str | int] = []
    written, at = "", 0
    for found in _ESCAPE.finditer(text):
        written += text[at : found.start()]
        at = found.end()
        group = found["digit"] or found["group"]
        if group:
            parts += [written, int(group) if group.isdecimal() else group]
            written = ""
        elif found["slash"]:
            written += "\\"
        else:
            wanted = r"write \\ for a backslash, \1 to \9 or \g<name> for a group"
            raise ValueError(f"a lone \\ at character {found.start()}: {wanted}")
    return [*parts, written + text[at:]]


def checked_replacement(text: str) -> str:
    """Look at a fixed replacement: ValueError when it is malformed."""
    read_replacement(text)
    return text


def with_groups_of(pattern: Any, parts: list[str | int]) -> list[bytes | int]:
    """Give the parts with groups by number and texts in UTF-8; ValueError for an unknown group."""
    return [
        _number(pattern, part) if place % 2 else str(part).encode("utf-8", "surrogatepass")
        for place, part in enumerate(parts)
    ]


def _number(pattern: Any, group: str | int) -> int:
    number = pattern.groupindex.get(group) if isinstance(group, str) else group
    if number is None or number > pattern.groups:
        known = ", ".join([f"0 to {pattern.groups}", *pattern.groupindex])
        raise ValueError(f"unknown group {str(group)[:200]!r}: the pattern has {known}")
    return int(number)
