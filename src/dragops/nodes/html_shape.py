"""How deep an HTML text may nest, seen before it is parsed: HTML5's rules cost time with depth.

Whoever leaves elements open makes the parser look at all of them at each tag, and open again the
formatting ones in each paragraph: 12 KB can become a million elements. Here only an end tag that
fits the last open element closes it (`<b><i></b></i>` apart), so what is counted is never less than
what the parser opens.
"""

import re
from typing import Final

from dragops.nodes.limits import limit_error

_TAG: Final = re.compile(
    r"<!--(?P<comment>)|<[!?][^>]*+>?|</[^a-zA-Z][^>]*+>?"
    r"|<(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<rest>(?:[\s/]++|=?[^\s/>=]++"
    r"(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+|=)*+)>?"
)
_COMMENT_END: Final = re.compile(r"--!?>")
_ATTRIBUTE: Final = re.compile(r"[\s/]++[^\s/>]")
_VOID: Final = frozenset(
    {
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image"),
        *("img", "input", "keygen", "link", "meta", "param", "source", "track", "wbr"),
    }
)
_RAW: Final = frozenset(
    {"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"}
)
_ENDS_ITSELF: Final = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})
_FORMATTING: Final = frozenset(
    {"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"}
)
_FOREIGN: Final = re.compile(r"<(?:svg|math)", re.IGNORECASE)
_MISNESTED_MAX: Final = 8
_LOOKS_MAX: Final = 100_000_000
_COPIES_MAX: Final = 1_000_000
_ATTRIBUTES_MAX: Final = 2_000


def tags_of(html: str) -> int:
    """Count the tags of a text; LimitError when they nest so that it would take minutes."""
    return _Shape(html).read()


class _Shape:
    def __init__(self, html: str) -> None:
        self._html = html
        # in SVG and MathML other rules hold, also for what is a comment: nothing counts as closed
        self._closes = not _FOREIGN.search(html)
        self._open: list[str] = []
        self._formatting = 0
        self._missing: set[str] = set()

    def read(self) -> int:
        tags = deepest = most = at = 0
        while found := _TAG.search(self._html, at):
            at = self._after(found)
            tags += 1
            deepest = max(deepest, len(self._open))
            most = max(most, self._formatting)
            if tags * deepest > _LOOKS_MAX or tags * most > _COPIES_MAX:
                raise limit_error("an HTML text with so many open elements")
        return tags

    def _after(self, found: re.Match[str]) -> int:
        if found["comment"] is not None and self._closes:
            end = _COMMENT_END.search(self._html, found.start() + 2)
            return end.end() if end else len(self._html)
        if found["name"]:
            name = found["name"].lower()
            if len(found["rest"]) > _ATTRIBUTES_MAX:
                _bounded_attributes(found["rest"])
            if found["slash"]:
                self._end(name)
            else:
                return self._start(name, found.end())
        return found.end()

    def _end(self, name: str) -> None:
        if not self._closes:
            return
        for above in range(1, min(_MISNESTED_MAX, len(self._open)) + 1):
            if self._open[-above] == name:
                del self._open[-above]
                self._formatting -= name in _FORMATTING
                return
            if not {name, self._open[-above]} <= _FORMATTING:
                return

    def _start(self, name: str, end: int) -> int:
        if name in _RAW and self._closes:
            return self._after_raw(name, end)
        if name == "plaintext" and self._closes:
            return len(self._html)
        is_next = name in _ENDS_ITSELF and self._open and self._open[-1] == name
        if name not in _VOID and not (is_next and self._closes):
            self._open.append(name)
            self._formatting += name in _FORMATTING
        return end

    def _after_raw(self, name: str, at: int) -> int:
        if name in self._missing:
            return len(self._html)
        found = re.compile(f"</{name}", re.IGNORECASE).search(self._html, at)
        if found is None:
            self._missing.add(name)
        return found.start() if found else len(self._html)


def _bounded_attributes(text: str) -> None:
    if sum(1 for _ in _ATTRIBUTE.finditer(text)) > _ATTRIBUTES_MAX:
        raise limit_error(f"an HTML element has {_ATTRIBUTES_MAX} attributes")
