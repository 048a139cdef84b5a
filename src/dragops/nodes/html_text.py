"""What is in an HTML text: its words, and what a CSS selector finds; by an HTML5 parser."""

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.html_shape import tags_of
from dragops.nodes.limits import BYTES_MAX, PATH_MAX, bounded_size, bounded_text, limit_error
from dragops.nodes.white_space import WHITE_SPACE

_DROPPED: Final = frozenset({"script", "style", "template"})
_BLOCKS: Final = frozenset(
    {
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "table", "ul", "ol"),
        *("blockquote", "pre", "section", "article", "header", "footer"),
    }
)
_RUN: Final = re.compile(f"[{WHITE_SPACE}]+")
_MATCHES_MAX: Final = 1_000_000


def text_of(html: str) -> str:
    """Give the words of the body, a line for each block."""
    tags_of(html)
    body = LexborHTMLParser(html).body
    written = "".join(_words(body)) if body else ""
    lines = (_RUN.sub(" ", line).strip(" ") for line in written.split("\n"))
    return bounded_text("\n".join(line for line in lines if line))


def found_in(html: str, selector: str, attribute: str) -> list[str]:
    """Give text or attribute of each element that a selector finds."""
    check_selector(selector)
    if tags_of(html) * (selector.count(",") + 1) > _MATCHES_MAX:
        raise limit_error(f"a selector is compared with {_MATCHES_MAX} elements")
    values: list[str] = []
    size = 0
    # several selectors as one: each element once, in the order of the page
    for node in LexborHTMLParser(html).css(f":is({selector})" if "," in selector else selector):
        if not attribute:
            values.append(_RUN.sub(" ", node.text()).strip(" "))
        elif attribute in node.attributes:
            values.append(node.attributes[attribute] or "")
        else:
            continue
        size += len(values[-1])
        bounded_size(len(values), "Array")
        if size > BYTES_MAX:
            raise limit_error("what is extracted of HTML has 10 MiB")
    return values


def check_selector(selector: str) -> None:
    """Refuse what is no selector, or takes too long on any page."""
    if len(selector) > PATH_MAX:
        raise limit_error(f"a selector has {PATH_MAX} characters")
    try:
        LexborHTMLParser("").css(selector)
    except (SelectolaxError, UnicodeEncodeError) as exc:
        raise RunFailure("ParseError", f"{quoted(selector)} is no CSS selector") from exc
    if ":has" in selector.lower() and "~" in selector:
        told = f"the selector {quoted(selector)} has both :has and ~, which takes too long"
        raise RunFailure("ParseError", told)


def _words(body: LexborNode) -> Iterator[str]:
    node: LexborNode | None = body.first_child
    while node is not None:
        if node.is_text_node:
            yield _RUN.sub(" ", node.text_content or "")
        elif node.tag == "br":
            yield "\n"
        inner = None if node.tag in _DROPPED else node.first_child
        if inner is not None:
            node = inner
            continue
        yield from _end(node)
        while node.next is None:
            parent = node.parent
            if parent is None or parent.mem_id == body.mem_id:
                return
            node = parent
            yield from _end(node)
        node = node.next


def _end(node: LexborNode) -> Iterator[str]:
    if node.tag in _BLOCKS:
        yield "\n"
