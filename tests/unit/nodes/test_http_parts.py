"""URLs, headers and forms beyond the examples of their page."""

from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dragops.compiler.check import check
from dragops.errors import RunFailure
from dragops.nodes.form_data import form_data
from dragops.nodes.http_parts import build_headers, build_url, parse_response
from dragops.nodes.urls import read_url, with_query
from support.patterns import node, pattern

BASE = "https://a.test/v1"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, BASE),
        ({"path": "/"}, BASE + "/"),
        ({"path": "//u"}, BASE + "/u"),
        ({"path": "u/{a}/{a}", "params": {"a": 3.0}}, BASE + "/u/3/3"),
        ({"path": "{a}", "params": {"a": "../x?y#z&%"}}, BASE + "/..%2Fx%3Fy%23z%26%25"),
        ({"path": "{a b}", "params": {"a b": "é"}}, BASE + "/%C3%A9"),
        ({"path": "a b/é%20|{}"}, BASE + "/a%20b/%C3%A9%20%7C%7B%7D"),
        ({"path": "a#b"}, BASE + "/a%23b"),
        ({"path": "find?q=1", "query": {"p": 2}}, BASE + "/find?q=1&p=2"),
        ({"query": {"a&b": "c=d", "n": {"x": 1}}}, BASE + "?a%26b=c%3Dd&n=%7B%22x%22%3A1%7D"),
        ({"query": {"none": None, "empty": [], "text": ""}}, BASE + "?text="),
    ],
)
def test_a_url_is_put_together(given: dict[str, Any], url: str) -> None:
    """A parameter is one piece of a path, whatever is in it."""
    assert build_url(BASE, **given) == url


def test_what_the_base_has_stays_in_its_place() -> None:
    """Its query first, then the path's own, then what is added; its fragment last."""
    built = build_url("https://u@a.test:8443/v1/?a=1#top", path="/b?c=2", query={"d": 3})

    assert built == "https://u@a.test:8443/v1/b?a=1&c=2&d=3#top"


@pytest.mark.parametrize("url", ["https://a.test?", "https://a.test?a=1&"])
def test_a_query_that_is_begun_is_gone_on_with(url: str) -> None:
    """Without a second mark."""
    assert with_query(url, {"b": 2}) == url + "b=2"


@pytest.mark.parametrize(
    "text",
    ["", "a", "//a.test", "http:a", "http:///a", "http://a.test\n", "http://a\\b/", "http://[::1"],
)
def test_what_is_no_absolute_url_is_said_so(text: str) -> None:
    """Parsers pass over line ends and backslashes, each in its own way."""
    with pytest.raises(ValueError, match=r"no absolute URL|no URL|without a host"):
        read_url(text)


def test_a_header_is_replaced_in_any_case() -> None:
    """Those that are named come last."""
    built = build_headers({"ACCEPT": "a", "x-b": 1, "authorization": "old"}, bearer_token="t")

    assert built == {"ACCEPT": "a", "x-b": "1", "Authorization": "Bearer t"}


def test_a_token_goes_before_a_name() -> None:
    """There is one Authorization; a name alone has an empty password."""
    assert build_headers(bearer_token="t", username="u") == {"Authorization": "Bearer t"}
    assert build_headers(username="é") == {"Authorization": "Basic w6k6"}
    assert build_headers(password="p") == {}


@pytest.mark.parametrize("pin", ["content_type", "accept", "bearer_token"])
def test_no_pin_begins_a_second_header(pin: str) -> None:
    """And what it holds is not told: it may be a secret."""
    pins: dict[str, Any] = {pin: "s3cret\r\nX: y"}
    with pytest.raises(RunFailure, match=r"^ParseError") as caught:
        build_headers(**pins)

    assert "s3cret" not in str(caught.value)


def test_a_form_without_files_is_urlencoded() -> None:
    """A blank is a plus sign."""
    form = form_data({"a": "x&y=z", "b": [1, None, True], "é": " "})

    assert form.body == "a=x%26y%3Dz&b=1&b=true&%C3%A9=+"
    assert dict(parse_qsl(form.body)) == {"a": "x&y=z", "b": "true", "é": " "}


FILES = [
    {"name": "one", "filename": "a.txt", "content": "é"},
    {"name": "two", "filename": 'b"\r\n.bin', "contentType": "image/png", "content": b"\0\r\n--"},
    {"name": "three"},
]


def test_a_form_with_files_is_multipart() -> None:
    """As a parser that is not ours reads it."""
    form = form_data({"a": [1, 2], "b": None}, FILES)

    assert form.headers == {"Content-Type": form.content_type}
    head = f"Content-Type: {form.content_type}\r\n\r\n".encode()
    parts = list(message_from_bytes(head + form.body, policy=HTTP).iter_parts())
    assert [
        (part.get_param("name", header="content-disposition"), part.get_filename())
        for part in parts
    ] == [
        ("a", None),
        ("a", None),
        ("one", "a.txt"),
        ("two", "b%22%0D%0A.bin"),
        ("three", "three"),
    ]
    assert [part.get_payload(decode=True) for part in parts] == [
        b"1",
        b"2",
        "é".encode(),
        b"\0\r\n--",
        b"",
    ]
    assert [part.get_content_type() for part in parts[2:]] == [
        "text/plain",
        "image/png",
        "text/plain",
    ]


def test_the_same_form_has_the_same_boundary() -> None:
    """Made of the contents: `dragops` and 24 hex digits of their SHA-256."""
    form = form_data({"a": "abc"}, encoding="multipart")

    assert form.content_type == "multipart/form-data; boundary=dragopsba7816bf8f01cfea414140de"
    assert form.body == (
        b"--dragopsba7816bf8f01cfea414140de\r\n"
        b'Content-Disposition: form-data; name="a"\r\n\r\nabc\r\n'
        b"--dragopsba7816bf8f01cfea414140de--\r\n"
    )


@pytest.mark.parametrize(
    ("given", "failure"),
    [
        ({"files": [{"name": "a", "content": 1}]}, "ConversionError"),
        ({"files": ["a"]}, "ConversionError"),
        ({"files": [{"content": "x"}]}, "ParseError"),
        ({"files": [{"name": "a", "contentType": "a/b\r\nX: y"}]}, "ParseError"),
        ({"files": [{"name": "a"}], "encoding": "urlencoded"}, "ParseError"),
        ({"files": [{"name": "a", "content": bytes(10 * 2**20)}]}, "LimitError"),
        ({"fields": {"a": "x" * 10 * 2**20}}, "LimitError"),
    ],
)
def test_a_form_that_cannot_be_sent_is_a_failure(given: dict[str, Any], failure: str) -> None:
    """Which says which file it is."""
    with pytest.raises(RunFailure) as caught:
        form_data(**({"fields": {}} | given))

    assert caught.value.type == failure
    if failure == "ConversionError":
        assert "files[0]" in caught.value.message


def test_a_fixed_base_must_be_absolute() -> None:
    """It is sure to fail."""
    _, faults = check(pattern("bad", node("url", "BuildUrl", baseUrl="/v1")))

    assert [(fault.code, fault.pin) for fault in faults if fault.code == "BAD_VALUE"] == [
        ("BAD_VALUE", "baseUrl")
    ]


@pytest.mark.parametrize(
    ("response", "format_", "data"),
    [
        ('[1, "a"]', "json", [1, "a"]),
        (b'{"a": 1}', "json", {"a": 1}),
        ([1], "json", [1]),
        (3, "json", 3),
        (b"a\xff", "text", "a\ufffd"),
        (None, "text", ""),
        (None, "xml", None),
        (b"<a><b>1</b></a>", "xml", {"a": {"b": "1"}}),
    ],
)
def test_a_body_is_read_once_more(response: Any, format_: str, data: Any) -> None:
    """Whatever an answer gave: text, bytes, or what it was read as already."""
    assert parse_response(response, format_) == data


@pytest.mark.parametrize("format_", ["json", "xml", "csv", ""])
def test_a_body_that_is_something_else_is_a_parse_error(format_: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError"):
        parse_response("x", format_)
