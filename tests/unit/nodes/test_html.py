"""HTML and Markdown beyond the examples of their pages: odd pages, and hostile ones."""

import pytest

from dragops.errors import RunFailure
from dragops.nodes.formats_html import html_extract, html_to_text, markdown_to_html
from dragops.nodes.html_shape import tags_of

FORMATS = "".join(f"<b a{i}>" for i in range(1000))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<title>t</title><body>b<!-- c --><style>s</style>", "b"),
        ("<template><p>x</p></template>y", "y"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td> b</td></tr></table>", "a b"),
        ("<pre>a\n  b</pre>", "a b"),
        ("a&nbsp;&nbsp; b\u3000c", "a b c"),
        ("<p>a<div> <p> </p>b</div><br><br>c", "a\nb\nc"),
        ("a <b> b </b> c", "a b c"),
        ("<frameset><frame></frameset>", ""),
        ("a\x00b\ud800c", "abc"),
        ("<a<b>c</nope", "c"),
        ("<svg><text>t</text></svg>", "t"),
    ],
)
def test_the_text_of_any_page_is_found(html: str, text: str) -> None:
    """Whatever is wrong with it."""
    assert html_to_text(html) == text


HOSTILE = [
    "<div>" * 10**6,
    "<p>" + FORMATS + "<p>x" * 10**4,
    '<div title="</div>">' * 10**5,
    "<div><!--</div>-->" * 10**5,
    "<!--><div>" * 10**5,
    "<!-- --!><div>" * 10**5,
    "<div><! </div>" * 10**5,
    "<div><textarea></div></textarea>" * 10**5,
    "<div><select></div></select>" * 10**5,
    "<div><svg><![CDATA[></svg></div>]]>" * 10**5,
    '<p a=b="><div><div>">' * 10**5,
    "<p " + " ".join(f"a{i}" for i in range(20_000)) + ">",
    "<p a='" * 10**5,
]


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_that_would_take_minutes_is_a_limit_error(html: str) -> None:
    """Depth, formats to open again, attributes: seen before the parser sees them."""
    with pytest.raises(RunFailure, match=r"^LimitError: .* an HTML "):
        html_to_text(html)


@pytest.mark.parametrize(
    "html",
    ["<" * 10**6, "<!--" * 10**5, "<script>" * 10**5, "<p =" + '"=' * 10**5, "</b>" * 10**5],
    ids=range(5),
)
def test_a_page_that_is_merely_odd_is_read(html: str) -> None:
    html_to_text(html)


def test_a_large_and_sloppy_page_is_read() -> None:
    """Tags that end themselves, elements without end, an image in its own attribute."""
    row = "<tr><td>a<td><a name=x><b><i>b</b></i><img src='data:" + "x" * 99 + "'><br><p>c<p>d"
    page = "<table>" + row * 500 + "</table><script>if (a<b) '</p>'</script>"

    assert html_to_text(page).count("\n") > 500
    assert tags_of(page) == 500 * 12 + 4


@pytest.mark.parametrize(
    ("html", "selector", "attribute", "values"),
    [
        ("<h1>a</h1><p>b</p><h1>c</h1>", "p, h1, p", "", ["a", "b", "c"]),
        ("<p>a\n<b> b</b>&nbsp;c</p>", "p", "", ["a b c"]),
        ("<input disabled><input>", "input", "disabled", [""]),
        ("<a href='&amp;'>", "a[href]", "href", ["&"]),
        ("<ul><li>a<li>b</ul>", "li:nth-child(2)", "", ["b"]),
    ],
)
def test_elements_are_found(html: str, selector: str, attribute: str, values: list[str]) -> None:
    """Each once, in the order of the page."""
    assert html_extract(html, selector, attribute) == (values, values[0])


@pytest.mark.parametrize("selector", ["", "p[", "p:nope", ",", "a:not(:has(~ b))"])
def test_what_is_no_selector_is_a_parse_error(selector: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: .*selector"):
        html_extract("<p>", selector)


@pytest.mark.parametrize(
    ("html", "selector"),
    [
        ("", "p" * 4001),
        ("<p>" * 100_001, "p"),
        ("<p>a</p>" * 5_000, ",".join("p" * 600)),
        ("<div>" * 3_000 + "x" * 10_000, "div"),
    ],
    ids=range(4),
)
def test_what_is_found_has_limits(html: str, selector: str) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        html_extract(html, selector)


@pytest.mark.parametrize(
    "link",
    [
        *("javascript:x", "JaVaScRiPt:x", "&#106;avascript:x", "java&#9;script:x", "vbscript:x"),
        *("file:///etc", "data:text/html,x", "<javascript:x>", " javascript:x"),
    ],
)
def test_a_link_that_is_no_place_is_not_made(link: str) -> None:
    """In none of the ways in which Markdown writes links."""
    html = markdown_to_html(f"[a]({link}) ![i]({link}) <{link}>\n\n[r]\n\n[r]: {link}")

    hrefs = html_extract(html, "a, img", "href").values + html_extract(html, "img", "src").values
    assert all(href.startswith("java%09script") for href in hrefs)


def test_markdown_writes_no_html_of_its_own() -> None:
    """Nor in the names of languages; tables are written."""
    html = markdown_to_html('<script>x</script>\n\n```js" onload=\n<\n```\n\n|a|\n|-|\n|<b>|')

    assert html_extract(html, "script, b, [onload]").values == []
    assert html_extract(html, "td").values == ["<b>"]


@pytest.mark.parametrize(
    "markdown", ["x" * 262_145, "[" * 20_000, "> [\n" * 20_000, "![](" * 10_000], ids=range(4)
)
def test_markdown_that_would_take_minutes_is_a_limit_error(markdown: str) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        markdown_to_html(markdown)


def test_a_long_list_of_links_is_written() -> None:
    html = markdown_to_html("- [name](https://example.test/a) and words\n" * 3_000)

    assert html.count("<a href=") == 3_000
