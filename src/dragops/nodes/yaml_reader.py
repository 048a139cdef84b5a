"""YAML in: the parser's events become values at once, so that nothing is made before it is counted.

Aliases share what they name, and count in full; no key is there twice, unless `<<` brings it.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.limits import DEPTH_MAX, ITEMS_MAX, limit_error
from dragops.nodes.parsing import parse_error, without_mark
from dragops.nodes.yaml_scalars import CORE, plain_kind, value_of


@dataclass(slots=True)
class _Made:
    """A finished value: how many values it is, how deep, and its text if it is a scalar."""

    value: Any
    size: int = 1
    depth: int = 0
    text: str | None = None
    is_merge: bool = False


@dataclass(slots=True)
class _Open:
    """A collection that is being read; ``key`` is the one whose value comes next."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    size: int = 1
    depth: int = 1
    key: str | None = None
    is_merging: bool = False
    merged: dict[str, Any] | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None

    def finished(self) -> _Made:
        value = self.value
        if self.merged and isinstance(value, dict):
            value = {**self.merged, **value}
        return _Made(value, self.size, self.depth)


def documents(text: str) -> list[Any]:
    """Read every document; ParseError says where the text is wrong."""
    return _Reader(without_mark(text)).documents()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Any] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Made | None] = {}
        self._room = ITEMS_MAX

    def documents(self) -> list[Any]:
        try:
            for event in yaml.parse(self._text, yaml.CSafeLoader):
                self._take(event)
        except yaml.MarkedYAMLError as exc:
            mark = exc.problem_mark
            place = (mark.line + 1, mark.column + 1) if mark else ()
            raise parse_error("YAML", exc.problem, *place) from exc
        except (yaml.YAMLError, UnicodeEncodeError) as exc:
            raise parse_error("YAML", exc) from exc
        return self._found

    def _take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._anchors = {}
            case yaml.ScalarEvent():
                self._put(self._scalar(event), event, counts=1)
            case yaml.AliasEvent():
                made = self._named(event)
                self._put(made, event, counts=made.size)
            case yaml.SequenceStartEvent():
                self._open(event, [], "seq")
            case yaml.MappingStartEvent():
                self._open(event, {}, "map")
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close(event)
            case _:
                pass  # the ends of documents, and of the stream

    def _scalar(self, event: Any) -> _Made:
        is_plain = event.tag is None and event.implicit[0]
        tag = event.tag
        if tag in (None, "!"):
            tag = CORE + (plain_kind(event.value) if is_plain else "str")
        try:
            value = value_of(tag, event.value)
        except ValueError as exc:
            raise _wrong(event, str(exc)) from exc
        made = _Made(value, text=event.value, is_merge=is_plain and event.value == "<<")
        if event.anchor:
            self._anchors[event.anchor] = made
        return made

    def _named(self, event: Any) -> _Made:
        made = self._anchors.get(event.anchor)
        if made is None:
            name = event.anchor[:100]
            is_open = event.anchor in self._anchors
            raise _wrong(
                event, f"&{name} holds itself" if is_open else f"there is no &{name} above"
            )
        return made

    def _open(self, event: Any, empty: Any, kind: str) -> None:
        if event.tag not in (None, "!", CORE + kind):
            raise _wrong(event, f"the tag {event.tag[:100]} has no meaning here")
        if self._stack and self._stack[-1].wants_key:
            raise _wrong(event, "a key must be a text")
        if len(self._stack) >= DEPTH_MAX:
            raise limit_error(f"values nest {DEPTH_MAX} levels")
        self._count(1)
        self._stack.append(_Open(empty, event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = None

    def _close(self, event: Any) -> None:
        closed = self._stack.pop()
        made = closed.finished()
        if closed.anchor:
            self._anchors[closed.anchor] = made
        self._put(made, event, counts=0)  # all that is in it was counted as it came

    def _put(self, made: _Made, event: Any, *, counts: int) -> None:
        into = self._stack[-1] if self._stack else None
        if into and into.wants_key:
            _take_key(into, made, event)
            return
        self._count(counts)
        if into is None:
            self._found.append(made.value)
            return
        if len(self._stack) + made.depth > DEPTH_MAX:
            raise limit_error(f"values nest {DEPTH_MAX} levels")
        into.size += made.size
        into.depth = max(into.depth, made.depth + 1)
        _take_value(into, made.value, event)

    def _count(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise limit_error(f"a YAML text holds {ITEMS_MAX} values, aliases written out")


def _take_key(into: _Open, made: _Made, event: Any) -> None:
    if made.text is None:
        raise _wrong(event, "a key must be a text")
    is_known = into.merged is not None if made.is_merge else made.text in into.value
    if is_known:
        raise _wrong(event, f"the key {quoted(made.text)} is there twice")
    into.key, into.is_merging = made.text, made.is_merge


def _take_value(into: _Open, value: Any, event: Any) -> None:
    if isinstance(into.value, list):
        into.value.append(value)
        return
    if into.is_merging:
        into.merged = _merged(value, event)
    elif into.key is not None:
        into.value[into.key] = value
    into.key, into.is_merging = None, False


def _merged(value: Any, event: Any) -> dict[str, Any]:
    sources = value if isinstance(value, list) else [value]
    merged: dict[str, Any] = {}
    for source in sources:
        if not isinstance(source, dict):
            raise _wrong(event, "<< takes an Object, or an Array of them")
        for key, inner in source.items():
            merged.setdefault(key, inner)
    return merged


def _wrong(event: Any, told: str) -> RunFailure:
    mark = event.start_mark
    return parse_error("YAML", told, mark.line + 1, mark.column + 1)
