"""Liquid beyond the examples of its page: what templates cannot reach, and cannot cost."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.formats_template import render_template
from support.context import RecordingContext

LONG = "x" * (10 * 2**20)
NOW = RecordingContext().now()


def rendered(template: str, values: dict[str, Any] | None = None, escape: bool = False) -> str:
    return render_template(RecordingContext(), template, values, escape)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ o }}|{{ l }}|{{ b }}|{{ n }}|{{ f }}|{{ i }}", '{"a":[1.0]}|true{"k":1}|true||3.0|7'),
        ("{{ d }} {{ d | date: '%d.%m.%y' }}", "2026-03-05T12:00:00.000Z 05.03.26"),
        ("{{ 'now' | date: '%Y-%m-%d' }} {{ 'today' | date: '%H' }}", "2026-03-05 12"),
        ("{{ '2026-01-02' | date: '%d' }} {{ 'soon' | date: '%d' }}", "02 soon"),
        ("{{ l | join: '-' }} {{ b | append: true }}", 'true--{"k":1} truetrue'),
        ("{{ now }}{{ today }}{{ template }}{{ partial }}{{ nope.a.b }}", ""),
        ("{{ o.__class__ }}{{ o.items }}{{ o['__init__'] }}{{ f.real }}{{ t.upper }}", ""),
        ("{{ o.a[0] }} {{ l.size }} {{ l.first }} {{ t.size }}", "1.0 3 true 5"),
        ("{% assign x = t | upcase %}{% if x contains 'B' %}{{ x }}{% endif %}", "A B\r\n"),
        ("{% capture c %}{{ i | times: 2 }}{% endcapture %}{{ c }}", "14"),
        (
            "{% for x in (1..3) reversed %}{% if x < 2 %}{% break %}{% endif %}{{ x }}{% endfor %}",
            "32",
        ),
        ("a{% break %}b", "a"),
        ("{% raw %}{{ x }}{% endraw %}\r\n", "{{ x }}\r\n"),
        ("{{ 'a b c' | truncatewords: 2 }} {{ 'a,b' | split: ',' | last }}", "a b... b"),
        ("{{ 'aXbX' | replace: 'X', '-' | remove: 'b' }}", "a--"),
        ("{{ '<b>a</b><!-- <i> -->b<script>x<y</script>c<style>' | strip_html }}", "abc"),
        ("{{ q | uniq | join }} {{ q | uniq: 'k' | size }}", "1 true 2"),
        ("{% liquid\nassign a = 1\necho a\n%}", "1"),
        (
            "{{ 2.5 | round }} {{ -0.5 | round }} {{ '1.005' | round: 2 }} {{ i | round: 1 }}",
            "3 -1 1.01 7",
        ),
        ("{{ 1250 | round: -2 }} {{ 2.5 | round: nope }} {{ 0.1 | round: 99 }}", "1300 3 0.1"),
    ],
)
def test_a_template_is_filled_in(template: str, text: str) -> None:
    """Values show as elsewhere; the only clock is the run's."""
    values = {
        "o": {"a": [1.0]},
        "l": [True, None, {"k": 1}],
        "b": True,
        "n": None,
        "f": 3.0,
        "i": 7,
        "d": NOW,
        "t": "a b\r\n",
        "q": [1, 1.0, True, 1],
    }

    assert rendered(template, values) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ x }}{{ x | append: '<i>' }}", "&lt;b&gt;&lt;b&gt;<i>"),
        ("<p>{{ x | escape }}</p>", "<p>&lt;b&gt;</p>"),
        ("{% capture c %}<i>{{ x }}</i>{% endcapture %}{{ c }}", "<i>&lt;b&gt;</i>"),
        ("{% echo x %}{{ l }}{{ l | join: x }}", "&lt;b&gt;&lt;b&gt;1&lt;b&gt;&lt;b&gt;1"),
        ("{{ x | newline_to_br | replace: 'b', x }}", "&lt;&lt;b&gt;&gt;"),
        ("{{ o }}", "{&#34;k&#34;:&#34;&lt;b&gt;&#34;}"),
    ],
)
def test_escaped_output_holds_no_markup_of_values(template: str, text: str) -> None:
    """What the template itself writes stays; what comes out of values does not."""
    values = {"x": "<b>", "l": ["<b>", 1], "o": {"k": "<b>"}}

    assert rendered(template, values, escape=True) == text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("\n {% include 'a' %}", "unexpected tag 'include', line 2, column 5"),
        ("{% render 'a' %}", "unexpected tag 'render', line 1, column 4"),
        ("{% extends 'a' %}", "unexpected tag 'extends', line 1, column 4"),
        ("{{ x | upcas }}", "there is no filter upcas: use upcase"),
        ("{{ x | safe }}", "there is no filter safe"),
        ("{{ x ", "expected '}}', found end of file, line 1, column 1"),
        ("{% if true %}", "expected tag endif, found end of expression"),
        ("{% if true %}" * 40 + "{% endif %}" * 40, "block nesting limit reached"),
        ("{{ a" + "[a" * 5000 + "]" * 5000 + " }}", "unexpected liquid parsing error"),
    ],
    ids=range(9),
)
def test_a_malformed_template_is_a_parse_error(template: str, told: str) -> None:
    """As is one that would load another one."""
    with pytest.raises(RunFailure, match=r"^ParseError: not Liquid: ") as caught:
        rendered(template)

    assert told in caught.value.message


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("x" * 65_537, {}),
        ("{% for i in (1..100001) %}{% endfor %}", {}),
        ("{% for i in (1..1000000000000) reversed %}{% endfor %}", {}),
        ("{% if (1..1000000000000) contains 'x' %}{% endif %}", {}),
        ("{{ (1..1000000000000) | join }}", {}),
        ("{% for i in (1..400) %}{% for j in (1..400) %}{% endfor %}{% endfor %}", {}),
        ("{% for i in (1..50000) %}{% endfor %}" * 3, {}),
        ("{% tablerow i in (1..60000) %}{% endtablerow %}" * 2, {}),
        ("{{ x }}x", {"x": LONG}),
        ("{% capture c %}{{ x }}x{% endcapture %}", {"x": LONG}),
        ("{{ x" + " | append: x" * 4000 + " }}", {"x": LONG}),
        ("{{ x | replace: 'x', x }}", {"x": LONG}),
        ("{{ x | split: '' }}", {"x": LONG}),
        ("{{ x | split: ' ' }}", {"x": "a " * 10**6}),
        ("".join(f"{{% assign a{i} = x | append: {i} %}}" for i in range(9)), {"x": LONG[1:]}),
        ("{{ l | join: x }}", {"x": LONG, "l": [1] * 9}),
        ("{{ l | compact }}", {"l": [[1] * 100_000] * 100_000}),
        ("{{ l }}", {"l": [[""] * 100_000] * 100_000}),
        ("{{ 9" + " | times: 999999999999" * 200 + " }}", {}),
        ("{{ 'now' | date: x }}", {"x": "%Y" * 101}),
        ("{% if a" + " and a" * 900 + " %}{% endif %}", {}),
    ],
    ids=range(21),
)
def test_what_a_template_may_cost_has_limits(template: str, values: dict[str, Any]) -> None:
    """Turns, texts, lists, numbers and variables: each is seen before it is made."""
    with pytest.raises(RunFailure, match=r"^LimitError|unexpected liquid parsing error"):
        rendered(template, values)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 7 | divided_by: 0 }}",
        "\n{% if 'a' < 1 %}{% endif %}",
        "{{ l | sort }}",
        "{{ 5 | map: 'a' }}",
        "{{ '////' | base64_decode }}",
        "{{ l | slice: 'x' }}",
        "{{ 'a' | truncatewords: 'x' }}",
    ],
)
def test_a_filter_of_the_wrong_type_is_a_conversion_error(template: str) -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError: the template fails: "):
        rendered(template, {"l": [1, "a"]})


def test_tags_are_stripped_in_one_pass() -> None:
    """Whatever is left open: a second look at the rest would take hours."""
    assert rendered("{{ x | strip_html | size }}", {"x": "<script" * 10**6}) == "7000000"
    assert rendered("{{ x | strip_html | size }}", {"x": "<" * 10**6}) == "1000000"
