"""Constants as Python text: the only way of an author's values into code."""

from datetime import datetime
from typing import Any


def literal(value: Any) -> str:
    """Write a value as an expression that gives an equal one, on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        items = (f"{literal(key)}: {literal(inner)}" for key, inner in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, datetime):
        return f"datetime.fromisoformat({_text(value.isoformat())})"
    if value is None or isinstance(value, bool | int | float | bytes):
        return repr(value)
    raise TypeError(f"no literal for {type(value).__name__}")


def docstring(text: str) -> str:
    """Write a text as a docstring, in three quotes if it has nothing to escape."""
    return f'"""{text}"""' if text.isprintable() and not set(text) & {'"', "\\"} else _text(text)


def _text(value: str) -> str:
    shown = repr(value)
    # double quotes, as the formatter has them, where nothing needs escaping for it
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in shown else shown
