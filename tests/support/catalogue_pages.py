"""Reads the pages of the catalogue in `tests/data/nodes`: declarations and their examples."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PAGES = Path(__file__).parents[1] / "data" / "nodes"

_ENTRY = re.compile(r"\n(?=[A-Z])")
_SIGNATURE = re.compile(r'[A-Z]\w*(?: "[^"]*")? (?:pure|impure|event) .*? -> \([^)]*\)')
_EXAMPLE = re.compile(r"(?:^ *|   )> (\{.*?\}) => (.+?)(?=   >|$)", re.MULTILINE)
_REFERENCE = re.compile(r" \((?:[a-z.]+, )?\d(?:\.\d+)?\)")
_FAILURE = re.compile(r"[A-Z][a-z]+Error|BAD_VALUE")


@dataclass(frozen=True)
class Example:
    """`> {given} => result`; `failure` is its type where the result is one."""

    type: str
    given: dict[str, Any]
    result: Any
    failure: str | None

    def __str__(self) -> str:
        return f"{self.type}-{self.given}"


def entries() -> dict[str, str]:
    """The entry of each node, by its id."""
    texts = (
        text for page in sorted(PAGES.glob("*.txt")) for text in _ENTRY.split(page.read_text())
    )
    return {text.partition(" ")[0]: text.replace("\n    ", " ") for text in texts}


def declaration(entry: str) -> str:
    """The signature that an entry begins with."""
    found = _SIGNATURE.match(entry)
    assert found, entry
    return found[0]


def examples() -> list[Example]:
    """All examples of all pages."""
    return [
        Example(type_, yaml.safe_load(given), *_result(result))
        for type_, entry in entries().items()
        for given, result in _EXAMPLE.findall(entry)
    ]


def written_examples(entry: str) -> list[tuple[str, str]]:
    """The examples of an entry, as they stand there."""
    return [(given, result.strip()) for given, result in _EXAMPLE.findall(entry)]


def notes_of(entry: str) -> str:
    """What an entry says besides, without its references to other pages."""
    rest = _EXAMPLE.sub("", entry[len(declaration(entry)) :])
    lines = (line.strip().removeprefix("#").strip() for line in rest.splitlines())
    return _REFERENCE.sub("", " ".join(line for line in lines if line)).strip()


def _result(text: str) -> tuple[Any, str | None]:
    failure = _FAILURE.fullmatch(text.strip())
    return (None, failure[0]) if failure else (yaml.safe_load(text), None)
