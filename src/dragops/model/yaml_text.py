"""YAML as Kubernetes' tools read it: JSON data in and out, nothing that two readers see apart.

kubectl, Helm and Argo CD read YAML 1.1 in Go, where ``y`` is true and ``1e3`` a number; PyYAML
does not. So whatever is not plainly a word is written in quotes, and read by JSON's rules.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import orjson
import yaml
from typing_extensions import override

from dragops.errors import BadInput
from dragops.model.marks import Mark, Misplaced, mark_of

try:
    from yaml import CSafeDumper as _SafeDumper
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml: slower, and the same
    from yaml import SafeDumper as _SafeDumper  # type: ignore[assignment]  # the same methods
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # the same methods

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*(\.[A-Za-z0-9_/-]+)*")
_NO_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_WIDTH = 1_000_000
_PARTS_MAX = 1_000_000
"""Values of one document once aliases are followed; 16 MB of YAML hold no more without them."""
_TAG = "tag:yaml.org,2002:"
_OTHERWISE = {f"{_TAG}{name}" for name in ("timestamp", "value", "int", "float")}
_INT = re.compile(r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$")
_FLOAT = re.compile(
    r"[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.inf)$|\.nan$",
    re.IGNORECASE,
)


class _Dumper(_SafeDumper):
    """Quotes every text that is not plainly a word."""

    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True


class _NoWord(yaml.constructor.ConstructorError):
    """A number that YAML can say and JSON, as Kubernetes' tools read it, cannot."""


class _Loader(_SafeLoader):
    """Reads numbers as Go does, leaves dates and times of day as texts, takes each key once."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                problem = f"an object has the same key twice: {key.value[:100]}"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def whole(self, node: yaml.ScalarNode) -> int:
        """Read an integer; longer ones than 64 bits would lose digits on their way."""
        number: int = self.construct_yaml_int(node)
        if -(2**63) <= number < 2**64:
            return number
        problem = "an integer of more than 64 bits: write it as a text, in quotes"
        raise _NoWord(None, None, problem, node.start_mark)

    def broken(self, node: yaml.ScalarNode) -> float:
        """Read a number with a fraction."""
        number: float = self.construct_yaml_float(node)
        if math.isfinite(number):
            return number
        problem = "a number that is infinite or none at all: write null, or a text in quotes"
        raise _NoWord(None, None, problem, node.start_mark)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERWISE]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}float", _FLOAT, list("-+0123456789."))
_Loader.add_constructor(f"{_TAG}int", _Loader.whole)
_Loader.add_constructor(f"{_TAG}float", _Loader.broken)


def yaml_of(data: Any) -> str:
    """Write JSON data as YAML, keys in their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def json_of(text: bytes, *, levels: int) -> Any:
    """Read one YAML document as JSON data; BadInput for what JSON cannot say, or is a bomb."""
    try:
        _look(text, levels)
        return _json(yaml.load(text, Loader=_Loader))  # noqa: S506  # a safe loader's child
    except _NoWord as exc:
        raise BadInput("body", f"holds what JSON has no word for: {_told(exc)}") from exc
    except yaml.YAMLError as exc:
        raise BadInput("body", f"is not YAML: {_told(exc)}") from exc
    except (ValueError, TypeError, RecursionError) as exc:
        raise BadInput("body", f"holds what JSON has no word for: {exc}") from exc


def documents_of(text: str, *, name: str, levels: int) -> Iterator[tuple[yaml.Node, Any]]:
    """Read each document of a file: its nodes, which know their places, and as JSON data.

    Aliases are followed, as kubectl does. Misplaced says what is wrong, and where.
    """
    try:
        for event, depth in _depths(text):
            if depth > levels:
                told = f"is nested deeper than {levels} levels"
                raise Misplaced(name, mark_of(event.start_mark), told)
        for node in yaml.compose_all(text, Loader=_Loader):
            yield node, _document(node, name)
    except yaml.MarkedYAMLError as exc:
        place = mark_of(exc.problem_mark or exc.context_mark)
        raise Misplaced(name, place, f"is not YAML: {_problem(exc, text, place)}") from exc
    except yaml.YAMLError as exc:
        told = f"is not YAML: {' '.join(str(exc).split())[:200]}"
        raise Misplaced(name, Mark(1, 1), told) from exc


def _document(node: yaml.Node, name: str) -> Any:
    try:
        _weigh(node, name)
        return _json(_Loader("").construct_document(node))
    except _NoWord as exc:
        told = f"holds what JSON has no word for: {exc.problem}"
        raise Misplaced(name, mark_of(exc.problem_mark), told) from exc
    except RecursionError as exc:
        told = "is nested too deeply once its aliases are followed"
        raise Misplaced(name, mark_of(node.start_mark), told) from exc
    except (ValueError, TypeError) as exc:
        told = f"holds what JSON has no word for: {exc}"
        raise Misplaced(name, mark_of(node.start_mark), told) from exc


def _json(data: Any) -> Any:
    orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)  # refuses what is nested too deeply
    # through JSON: keys become texts, as kubectl makes them
    return orjson.loads(json.dumps(data, allow_nan=False))


def _problem(exc: yaml.MarkedYAMLError, text: str, place: Mark) -> str:
    line = [*text.splitlines(), ""][min(place.line - 1, len(text.splitlines()))]
    if line[: place.column].lstrip(" ").startswith("\t"):
        return "a tab indents this line: YAML takes blanks only"
    return str(exc.problem or exc)[:200]


def _weigh(root: yaml.Node, name: str) -> None:
    """Refuse what grows beyond all bounds where aliases are followed; depth is known to be low."""
    sizes: dict[int, int | None] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = None
            inner = node.value if isinstance(node, yaml.CollectionNode) else ()
            parts = [p for item in inner for p in (item if isinstance(item, tuple) else (item,))]
            sizes[id(node)] = 1 + sum(size(part) for part in parts)
        found = sizes[id(node)]
        if found is None or found > _PARTS_MAX:
            told = "an alias (*name) is inside of what it stands for"
            if found:
                told = f"aliases (*name) make more than {_PARTS_MAX} values of it"
            raise Misplaced(name, mark_of(node.start_mark), told)
        return found

    size(root)


def _depths(text: str | bytes) -> Iterator[tuple[yaml.Event, int]]:
    """Give each event with its depth; nothing is built, so nothing can be too large."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event, depth


def _look(text: bytes, levels: int) -> None:
    """Refuse what would not fit, before anything is built: no recursion, no copies."""
    documents = 0
    for event, depth in _depths(text):
        if isinstance(event, yaml.AliasEvent):
            raise BadInput("body", "has aliases (*name): write what they stand for")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > levels:
            raise BadInput("body", f"is nested deeper than {levels} levels")
    if documents != 1:
        raise BadInput("body", f"has {documents} YAML documents: send one pattern a call")


def _told(exc: yaml.YAMLError) -> str:
    mark = getattr(exc, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return where + str(getattr(exc, "problem", None) or exc)[:200]


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    is_word = _WORD.fullmatch(text) and text.lower() not in _NO_WORDS
    style = None if is_word else "|" if _is_block(text) else '"'
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


def _is_block(text: str) -> bool:
    """Say whether a text reads well line by line, and means the same then."""
    lines = text.split("\n")
    is_plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return len(lines) > 1 and is_plain and lines[0] == lines[0].lstrip() != ""


_Dumper.add_representer(str, _text)
