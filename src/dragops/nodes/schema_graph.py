"""What leads to what in a JSON Schema, so that its cost is known before it is paid.

A ``$ref`` may lead to one schema by many ways, and each way is walked: 30 definitions can make
a billion checks of one number. A reference may lead nowhere outside its own schema.
"""

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from dragops.nodes.schema_references import References

_HERE: Final = ("not", "if", "then", "else")
_HERE_EACH: Final = ("allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies")
_BELOW: Final = (
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("items", "additionalItems", "unevaluatedItems", "contains"),
)
_BELOW_ALL: Final = ("patternProperties",)
_BELOW_ONE: Final = ("properties", "prefixItems", "items")
_ENTRIES_MAX: Final = 1_000_000


class SchemaGraph:
    """All schemas that a schema applies; ValueError says which reference leads nowhere."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._references = References(root)
        self._root = id(root)
        self._here: dict[int, list[int]] = {}
        self._below: dict[int, tuple[list[int], list[int]]] = {}
        self._entries = 0
        self._read(root)
        self._closed = self._close()
        self._next = {each: self._add_up(*below) for each, below in self._below.items()}

    def evaluations(self, depth: int) -> list[int]:
        """Give how often a value on each level is looked at, at most."""
        levels: list[int] = []
        counts = self._closed[self._root]
        for _ in range(depth):
            levels.append(counts.total())
            below: Counter[int] = Counter()
            for each, count in counts.items():
                for other, times in self._next[each].items():
                    below[other] += count * times
            counts = below
        return levels

    def _read(self, root: dict[str, Any]) -> None:
        todo = [root]
        while todo:
            schema = todo.pop()
            if id(schema) in self._here:
                continue
            here = [*_schemas(schema, _HERE), *_each(schema, _HERE_EACH)]
            here += self._references.of(schema)
            every = [*_schemas(schema, _BELOW), *_each(schema, _BELOW_ALL)]
            one = [*_each(schema, _BELOW_ONE)]
            self._here[id(schema)] = [id(other) for other in here]
            self._below[id(schema)] = [id(other) for other in every], [id(other) for other in one]
            todo += here + every + one

    def _close(self) -> dict[int, Counter[int]]:
        """Find what looks at a value together with each schema: itself, and what it leads to."""
        closed: dict[int, Counter[int]] = {}
        try:
            for each in TopologicalSorter(self._here).static_order():
                closed[each] = Counter({each: 1})
                for other in self._here[each]:
                    self._count(closed[other])
                    closed[each].update(closed[other])
        except CycleError as exc:
            raise ValueError("a reference leads back to itself") from exc
        return closed

    def _add_up(self, every: list[int], one: list[int]) -> Counter[int]:
        """Count what looks at a value below; of named and numbered ones only one does."""
        found: Counter[int] = Counter()
        for each in one:
            self._count(self._closed[each])
            found |= self._closed[each]
        for each in every:
            self._count(self._closed[each])
            found.update(self._closed[each])
        return found

    def _count(self, more: Counter[int]) -> None:
        self._entries += len(more)
        if self._entries > _ENTRIES_MAX:
            raise ValueError("its references are too entangled")


def _schemas(schema: dict[str, Any], keywords: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    found = (schema.get(keyword) for keyword in keywords)
    return (each for each in found if isinstance(each, dict))


def _each(schema: dict[str, Any], keywords: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for keyword in keywords:
        found = schema.get(keyword)
        if isinstance(found, dict) and keyword != "items":
            found = list(found.values())
        if isinstance(found, list):
            yield from (each for each in found if isinstance(each, dict))
