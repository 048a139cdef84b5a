"""Where the references of a JSON Schema lead: to its own parts, by pointer, anchor or ``$id``."""

from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_IDS: Final = ("$id", "id")
_ANCHORS: Final = ("$anchor", "$dynamicAnchor")
_DATA: Final = ("const", "enum", "default", "examples")


class References:
    """The parts of one schema that references can name."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._resources: dict[str, Any] = {"": root}
        self._anchors: dict[str, dict[str, Any]] = {}
        self._bases: dict[int, str] = {}
        self._dynamic: dict[str, list[dict[str, Any]]] = {}
        self._index(root)

    def of(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """Give where the references of one schema lead; ValueError when that is elsewhere."""
        found: list[dict[str, Any]] = []
        for keyword in _REFERENCES:
            reference = schema.get(keyword)
            if isinstance(reference, str):
                found += self._targets(keyword, reference, self._bases.get(id(schema), ""))
        return found

    def _index(self, root: dict[str, Any]) -> None:
        todo: list[tuple[Any, str]] = [(root, "")]
        while todo:
            part, base = todo.pop()
            if isinstance(part, dict):
                base = self._note(part, base)
                todo += [(inner, base) for key, inner in part.items() if key not in _DATA]
            elif isinstance(part, list):
                todo += [(inner, base) for inner in part]

    def _note(self, part: dict[str, Any], base: str) -> str:
        for keyword in _IDS:
            if isinstance(name := part.get(keyword), str):
                base, anchor = urldefrag(urljoin(base, name))
                self._resources.setdefault(base, part)
                if anchor:
                    self._anchors[f"{base}#{anchor}"] = part
        for keyword in _ANCHORS:
            if isinstance(name := part.get(keyword), str):
                self._anchors[f"{base}#{name}"] = part
                if keyword == "$dynamicAnchor":
                    self._dynamic.setdefault(name, []).append(part)
        self._bases[id(part)] = base
        return base

    def _targets(self, keyword: str, reference: str, base: str) -> list[dict[str, Any]]:
        address, fragment = urldefrag(urljoin(base, reference))
        fragment = unquote(fragment)
        if keyword == "$dynamicRef" and fragment in self._dynamic:
            return self._dynamic[fragment]
        try:
            if fragment and not fragment.startswith("/"):
                return [self._anchors[f"{address}#{fragment}"]]
            target = _at(self._resources[address], fragment)
        except (LookupError, ValueError) as exc:
            raise ValueError(f"the reference {reference[:200]!r} leads nowhere in it") from exc
        return [target] if isinstance(target, dict) else []


def _at(part: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        part = part[int(key)] if isinstance(part, list) else part[key]
    return part
