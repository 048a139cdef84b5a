"""Python names for what authors have named: the only way of their words into code as code."""

import builtins
import keyword
import re

from dragops.compiler.graph import GraphNode

_RESERVED = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
_GENERIC = re.compile(r"(?:node|n|id)?[-_]?\d+|[0-9a-f-]{12,}", re.IGNORECASE)
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_NAME = re.compile(r"[^a-z0-9]+")


class Names:
    """Gives each wish a name of its own: an identifier, no keyword, never given before."""

    def __init__(self, *reserved: str) -> None:
        self._taken = set(reserved)
        self._last: dict[str, int] = {}

    def take(self, wish: str) -> str:
        """Give ``wish`` as a name: with ``_`` where Python has it, with a number when taken."""
        base = python_words(wish) or "node"
        if base[0].isdigit():
            base = f"n_{base}"
        name = f"{base}_" if base in _RESERVED else base
        while name in self._taken:
            number = self._last[base] = self._last.get(base, 1) + 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def python_words(text: str) -> str:
    """Give the ASCII letters and digits of a text as lower-case words joined by ``_``."""
    return _NO_NAME.sub("_", _WORD_START.sub("_", text).lower()).strip("_")[:60]


def wish_of(node: GraphNode) -> str:
    """Give the words by which a reader knows the node: its id, or its title if that says more."""
    if python_words(node.id) and not _GENERIC.fullmatch(node.id):
        return node.id
    title = python_words(node.title or "")
    return title[:40] if title else node.definition.type
