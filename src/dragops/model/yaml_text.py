"""YAML as Kubernetes' tools read it: JSON data in and out, nothing that two readers see apart.

kubectl, Helm and Argo CD read YAML 1.1 in Go, where ``y`` is true and ``1e3`` a number; PyYAML
does not. So whatever is not plainly a word is written in quotes, and read by JSON's rules.
"""

import json
import re
from typing import Any

import orjson
import yaml
from typing_extensions import override

from dragops.errors import BadInput

try:
    from yaml import CSafeDumper as _SafeDumper
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml: slower, and the same
    from yaml import SafeDumper as _SafeDumper  # type: ignore[assignment]  # the same methods
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # the same methods

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*(\.[A-Za-z0-9_/-]+)*")
_NO_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_WIDTH = 1_000_000
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


class _Loader(_SafeLoader):
    """Reads numbers as Go does, leaves dates and times of day as texts, takes each key once."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        held = super().construct_mapping(node, deep=deep)
        if len(held) < len(node.value):
            problem = "an object has the same key twice"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return held


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERWISE]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}float", _FLOAT, list("-+0123456789."))


def yaml_of(data: Any) -> str:
    """Write JSON data as YAML, keys in their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def json_of(text: bytes, *, levels: int) -> Any:
    """Read one YAML document as JSON data; BadInput for what JSON cannot say, or is a bomb."""
    try:
        _look(text, levels)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader's child
        orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)  # integers of 64 bits, no longer ones
        # through JSON: keys become texts, as kubectl makes them
        return orjson.loads(json.dumps(data, allow_nan=False))
    except yaml.YAMLError as exc:
        raise BadInput("body", f"is not YAML: {_told(exc)}") from exc
    except (ValueError, TypeError, RecursionError) as exc:
        raise BadInput("body", f"holds what JSON has no word for: {exc}") from exc


def _look(text: bytes, levels: int) -> None:
    """Refuse what would not fit, before anything is built: no recursion, no copies."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise BadInput("body", "has aliases (*name): write what they stand for")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
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
