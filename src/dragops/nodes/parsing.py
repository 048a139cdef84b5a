"""What all readers of a format share: the failure that says where a text is wrong."""

from typing import Any

from dragops.errors import RunFailure


def parse_error(
    wanted: str, told: object, line: int | None = None, column: int | None = None
) -> RunFailure:
    """Make the failure of a text that is not ``wanted``; lines and columns count from 1."""
    place = {"line": line, "column": column}
    data: dict[str, Any] = {name: at for name, at in place.items() if at is not None}
    where = "".join(f", {name} {at}" for name, at in data.items())
    message = f"not {wanted}: {' '.join(str(told).split())[:300]}{where}"
    return RunFailure("ParseError", message, data or None)


def without_mark(text: str) -> str:
    """Skip a byte order mark, which is no part of the text."""
    return text.removeprefix("\ufeff")
