"""Data formats: what people read on pages, and in mails."""

import re
from functools import cache
from typing import Any, NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.limits import bounded_text, limit_error

category = Category("Data Formats")

MARKDOWN_MAX = 256 * 1024
"""Characters: seconds of an engine in which no other run moves."""
BRACKETS_MAX = 100_000_000
"""Each bracket of a paragraph looks for its end in the rest of it."""
_BLOCK = re.compile(r"\n ? ? ?(?:\r?\n|[-*+] \S|#{1,6} )")


@category.node('MarkdownToHtml "Markdown to HTML" pure (markdown: String!) -> (html: String)')
def markdown_to_html(markdown: str) -> str:
    """Write Markdown as HTML: CommonMark and tables; its own HTML is shown as text."""
    if len(markdown) > MARKDOWN_MAX:
        raise limit_error("Markdown has 256 KiB")
    looks = sum(part.count("[") * len(part) for part in _BLOCK.split(markdown))
    if looks > BRACKETS_MAX:
        raise limit_error("a paragraph of Markdown with so many brackets")
    return bounded_text(_markdown().render(markdown))


@category.node('HtmlToText "HTML to Text" pure (html: String!) -> (text: String)')
def html_to_text(html: str) -> str:
    """Give the text of a page's body, a line for each block."""
    from dragops.nodes.html_text import text_of  # noqa: PLC0415  # 4 MB that few need

    return text_of(html)


def _checked(selector: str) -> str:
    from dragops.nodes.html_text import check_selector  # noqa: PLC0415  # as above

    check_selector(selector)
    return selector


class Extracted(NamedTuple):
    """What a selector finds."""

    values: list[Any]
    first: str | None


@category.node(
    'HtmlExtract "HTML Extract" pure (html: String!, selector: String!)'
    ' [attribute: String = ""] -> (values: Array, first: String?)',
    checks={"selector": _checked},
)
def html_extract(html: str, selector: str, attribute: str = "") -> Extracted:
    """Find elements by a CSS selector, and give their texts, or one attribute of each."""
    from dragops.nodes.html_text import found_in  # noqa: PLC0415  # as above

    values = found_in(html, selector, attribute)
    return Extracted(list[Any](values), values[0] if values else None)


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt  # noqa: PLC0415  # 4 MB that few need

    return MarkdownIt("js-default")
