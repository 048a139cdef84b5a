"""Hides secrets in what leaves a run: its log, its errors, its answers.

A secret is found inside longer texts, in the forms that nodes give it (JSON, URL, base64, a quoted
value), line by line if it has several, and where a message was cut in the middle of it. What a
pattern makes of a secret (a part of it, a digest) is not found.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SECRET_MIN = 4
"""Characters; a shorter secret is not hidden, as it would hide parts of every text."""
_LINE_MIN, _BASE64_MIN = 8, 5
"""Shorter ones stand in innocent texts too."""
_HEAD = 8
_AFTER_A_CUT = ("", "…", "'", '"')
_DEPTH_MAX, _TOO_DEEP = 200, "(nested too deeply)"


def _in_order(forms: Iterable[str]) -> list[str]:
    # a secret that holds another one is hidden as a whole
    return sorted(forms, key=lambda form: (-len(form), form))


class Mask:
    """Knows some secrets, and puts ``***`` in their place."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = tuple(secrets)
        self.forms = _in_order({form for secret in self.secrets for form in _forms(secret)})

    def with_those_of(self, other: "Mask") -> "Mask":
        """Give a mask that hides the secrets of both."""
        if set(other.forms) <= set(self.forms):
            return self
        both = Mask(())
        both.secrets = (*self.secrets, *other.secrets)
        both.forms = _in_order({*self.forms, *other.forms})
        return both

    def text(self, text: str) -> str:
        """Give the text without secrets."""
        for form in self.forms:
            if form[:_HEAD] in text:
                text = _hidden(text, form)
        return text

    def value(self, value: Any, depth: int = 0) -> Any:
        """Give a value without secrets, however deep in it they are."""
        if not self.forms:
            return value
        inside = depth + 1
        match value:
            case _ if depth > _DEPTH_MAX:
                shown: Any = _TOO_DEEP
            case str():
                shown = self.text(value)
            case dict():
                shown = {self.value(k): self.value(item, inside) for k, item in value.items()}
            case list() | tuple():
                shown = [self.value(item, inside) for item in value]
            case bytes():
                shown = self.text(value.decode("latin-1")).encode("latin-1")
            case int() | float() if str(value) in self.forms:
                shown = HIDDEN
            case _:
                shown = value
        return shown


NO_MASK = Mask(())


def _hidden(text: str, form: str) -> str:
    head, kept, done = form[:_HEAD], [], 0
    at = text.find(head)
    while at >= 0:
        end = at + _common(text, at, form)
        if end - at == len(form) or text[end : end + 1] in _AFTER_A_CUT:
            kept += [text[done:at], HIDDEN]
            done = end
        at = text.find(head, max(at + 1, done))
    return "".join([*kept, text[done:]])


def _common(text: str, at: int, form: str) -> int:
    """Count how many characters from ``at`` on are those of the form."""
    if text.startswith(form, at):
        return len(form)
    there = text[at : at + len(form)]
    return next(
        (n for n, (a, b) in enumerate(zip(there, form, strict=False)) if a != b), len(there)
    )


def _forms(secret: str) -> Iterator[str]:
    whole = secret.strip()
    lines = [line.strip() for line in whole.splitlines()]
    parts = [line for line in lines if len(line) >= _LINE_MIN] if len(lines) > 1 else []
    for part in (whole, *parts):
        if len(part) >= SECRET_MIN:
            yield from _written(part)
            yield from _in_base64(part.encode("utf-8", "replace"))


def _written(part: str) -> Iterator[str]:
    yield part
    yield json.dumps(part)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield repr(part)[1:-1]
    yield from (quote(part, errors="replace"), quote(part, safe="", errors="replace"))
    yield quote_plus(part, errors="replace")
    yield part.encode("utf-8", "replace").decode("latin-1")


def _in_base64(data: bytes) -> Iterator[str]:
    """Give what base64 makes of the secret wherever it begins in what is encoded."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = len(text) - (1 if (before + len(data)) % 3 else 0)
        inner = text[first:last]
        if len(inner) >= _BASE64_MIN:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
