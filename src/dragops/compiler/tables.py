"""Writes data into a program so that it can be read: what fits on a line, else an item a line."""

from collections.abc import Mapping
from typing import Any

from dragops.compiler.emit import Emitter
from dragops.compiler.literal import literal

WIDTH = 96


def write_table(out: Emitter, name: str, value: Mapping[str, Any]) -> None:
    """Write ``name = {...}``, an item a line."""
    _write_items(out, f"{name} = ", dict(value), "")


def _write(out: Emitter, head: str, value: Any, tail: str) -> None:
    line = f"{head}{literal(value)}{tail}"
    fits = out.depth * 4 + len(line) <= WIDTH
    if fits or not value or not isinstance(value, dict | list):
        out.line(line)
    else:
        _write_items(out, head, value, tail)


def _write_items(out: Emitter, head: str, value: dict[str, Any] | list[Any], tail: str) -> None:
    is_dict = isinstance(value, dict)
    out.line(f"{head}{'{' if is_dict else '['}")
    out.depth += 1
    if isinstance(value, dict):
        for key, inner in value.items():
            _write(out, f"{literal(key)}: ", inner, ",")
    else:
        for inner in value:
            _write(out, "", inner, ",")
    out.depth -= 1
    out.line(f"{'}' if is_dict else ']'}{tail}")
