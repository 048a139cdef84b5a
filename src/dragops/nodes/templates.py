"""Templates such as ``Push to {body.repository.full_name}``: read once, filled often."""

import re
from functools import lru_cache
from typing import Any, Final

from dragops.nodes.convert import to_string
from dragops.nodes.limits import BYTES_MAX, TEMPLATE_MAX, bounded_text, limit_error
from dragops.nodes.paths import NOT_FOUND, read_path, value_at

_PART: Final = re.compile(r"\{\{|\}\}|\{(?P<path>[^{}]*)\}|[{}]")
_PIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@lru_cache(maxsize=1024)
def read_template(text: str, *, of_item: bool = False) -> tuple[tuple[str, str | None], ...]:
    """Split a template into pairs of text and the path after it; ValueError if it is malformed.

    ``{}`` is for templates ``of_item``: the item itself.
    """
    if len(text.encode("utf-8", "surrogatepass")) > TEMPLATE_MAX:
        raise ValueError("the template is larger than 64 KiB")
    parts: list[tuple[str, str | None]] = []
    written, at = "", 0
    for found in _PART.finditer(text):
        written += text[at : found.start()]
        at = found.end()
        if found[0] in {"{{", "}}"}:
            written += found[0][0]
            continue
        if not (found["path"] or (of_item and found["path"] == "")):
            raise ValueError(
                f"a lone {found[0]!r} at character {found.start()}: write {{{{ or }}}} for a brace"
            )
        read_path(found["path"])
        parts.append((written, found["path"]))
        written = ""
    parts.append((written + text[at:], None))
    return tuple(parts)


def placeholders_of(text: str) -> tuple[str, ...]:
    """Give the first keys of a template's paths, each once: they name pins."""
    firsts = (read_path(path)[0] for _, path in read_template(text) if path)
    names = (first for first in firsts if isinstance(first, str) and _PIN_NAME.fullmatch(first))
    return tuple(dict.fromkeys(names))


def filled(template: str, values: Any, *, of_item: bool = False) -> str:
    """Replace each ``{path}`` by the value there; null and what is not found by nothing."""
    parts: list[str] = []
    size = 0
    for text, path in read_template(template, of_item=of_item):
        parts.append(text)
        if path is not None:
            value = value_at(values, path)
            if value is not NOT_FOUND:
                parts.append(value if type(value) is str else to_string(value, path))
                size += len(parts[-1])
        if size > BYTES_MAX:
            raise limit_error("a String holds 10 MiB")
    return bounded_text("".join(parts))
