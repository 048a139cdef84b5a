"""Where things stand in a file: each part of YAML or JSON data has a line and a column.

A part is named by its path: ``("spec", "nodes", 3, "values", "message")``. What is not there is
where the nearest thing is that would hold it.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import yaml

from dragops.errors import BadInput

Path = tuple[str | int, ...]
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


class Mark(NamedTuple):
    """A place in a text; both count from 1."""

    line: int
    column: int


class _FromZero(Protocol):
    """A place as YAML's readers, of which there are two, count it."""

    line: int
    column: int


class Places(Protocol):
    """Knows where the parts of one document stand."""

    def find(self, path: Path) -> Mark:
        """Give the place of a part: of its key, or of an item's first character."""


@dataclass(frozen=True, slots=True)
class YamlPlaces:
    """The places of a YAML document."""

    root: yaml.Node

    def find(self, path: Path) -> Mark:
        """Give the place of a part."""
        node = place = self.root
        for part in path:
            found = _inside(node, part)
            if found is None:
                break
            place, node = found
        return mark_of(place.start_mark)


def _inside(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Give what a part of a node begins with, and what it holds."""
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def mark_of(mark: _FromZero | None) -> Mark:
    """Give a place as people count it; the beginning where none is known."""
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


@dataclass(frozen=True)
class JsonPlaces:
    """The places of a JSON document, whose text is known to be JSON."""

    text: str

    def find(self, path: Path) -> Mark:
        """Give the place of a part."""
        known = (path[:end] for end in range(len(path), 0, -1))
        offset = next((self._offsets[part] for part in known if part in self._offsets), None)
        return self._mark(self._offsets[()] if offset is None else offset)

    @cached_property
    def twice(self) -> tuple[str, Mark] | None:
        """Give the first key that its object has already."""
        seen: set[Path] = set()
        for path, offset, is_key in _walk(self.text):
            if is_key and path in seen:
                return str(path[-1]), self._mark(offset)
            seen.add(path)
        return None

    @cached_property
    def _offsets(self) -> dict[Path, int]:
        return {path: offset for path, offset, _ in _walk(self.text)}

    @cached_property
    def _lines(self) -> list[int]:
        """Give the offset at which each line begins."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def _mark(self, offset: int) -> Mark:
        line = bisect_right(self._lines, offset)
        return Mark(line, offset - self._lines[line - 1] + 1)


@dataclass(slots=True)
class _Walk:
    """How far a walk through JSON has come."""

    path: list[str | int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    wants_key: bool = False

    def open(self, bracket: str) -> None:
        self.kinds.append(bracket)
        self.path.append(0 if bracket == "[" else "")
        self.wants_key = bracket == "{"

    def close(self) -> None:
        self.kinds.pop()
        self.path.pop()
        self.wants_key = False

    def go_on(self) -> None:
        last = self.path[-1]
        self.wants_key = isinstance(last, str)
        if isinstance(last, int):
            self.path[-1] = last + 1


def _walk(text: str) -> Iterator[tuple[Path, int, bool]]:
    """Give the path and offset of each key and item, and whether it is a key; no recursion."""
    walk = _Walk()
    for found in _TOKEN.finditer(text):
        mark, offset = found[0], found.start()
        if mark in "}]":
            walk.close()
        elif mark == ",":
            walk.go_on()
        elif walk.wants_key:
            walk.path[-1] = json.loads(mark)
            walk.wants_key = False
            yield tuple(walk.path), offset, True
        elif mark != ":":
            if not walk.kinds or walk.kinds[-1] == "[":
                yield tuple(walk.path), offset, False
            if mark in "{[":
                walk.open(mark)


def joined(path: Iterable[str | int]) -> str:
    """Give a path as people write it: ``spec.nodes[3].type``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


class Misplaced(BadInput):
    """Something in a text is wrong; ``mark`` says where."""

    def __init__(self, name: str, mark: Mark, message: str) -> None:
        self.name, self.mark = name, mark
        super().__init__(f"{name}:{mark.line}:{mark.column}", message)
