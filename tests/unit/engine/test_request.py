"""A webhook request as a program sees it."""

from typing import Any

import orjson
import pytest

from dragops.engine.request import (
    headers_of,
    idempotency_key,
    parsed_body,
    query_of,
    stored_event,
    url_of,
)
from dragops.errors import BadInput


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("application/json; charset=utf-8", b'"text"', "text"),
        ("Application/Problem+JSON", b"[1]", [1]),
        ("application/json", b"", {}),
        ("", b"", {}),
        (
            "application/x-www-form-urlencoded",
            b"a=1&b=&a=2&c=x+y",
            {"a": ["1", "2"], "b": "", "c": "x y"},
        ),
        ("text/plain", "grüße".encode(), "grüße"),
        ("text/plain; charset=iso-8859-1", "grüße".encode("latin-1"), "grüße"),
        ("text/plain; charset=rot13", b"abc", "abc"),
        ("application/xml", b"<a/>", "<a/>"),
        ("", b"hello", "hello"),
        ("", b"\xff\xfe\x00\x01\x02", b"\xff\xfe\x00\x01\x02"),
        ("application/octet-stream", b"abc", b"abc"),
        ("image/png", b"abc", b"abc"),
    ],
)
def test_a_body_is_what_its_content_type_says(
    content_type: str, body: bytes, expected: Any
) -> None:
    """JSON is parsed, form fields are an object, texts are text, the rest is bytes."""
    assert parsed_body(content_type, body) == expected


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a": NaN}', b'"\\ud800"', b"[" * 5_000])
def test_a_body_that_says_json_and_is_not_is_refused(body: bytes) -> None:
    """The author of the sender must act."""
    with pytest.raises(BadInput):
        parsed_body("application/json", body)


def test_header_names_are_lower_case_and_repeated_ones_are_joined() -> None:
    """As HTTP means them."""
    raw = [(b"X-One", b"1"), (b"accept", b"a"), (b"Accept", b"b")]

    assert headers_of(raw) == {"x-one": "1", "accept": "a, b"}


def test_a_repeated_query_name_has_an_array() -> None:
    """One value is a text."""
    assert query_of(b"a=1&b=2&a=3&e=&u=%C3%BC&a=4") == {
        "a": ["1", "3", "4"],
        "b": "2",
        "e": "",
        "u": "ü",
    }


def test_the_url_is_what_was_called() -> None:
    """Scheme, host, path and query, as far as the request tells."""
    scope = {
        "scheme": "http",
        "path": "/webhooks/é",
        "raw_path": b"/webhooks/%C3%A9",
        "query_string": b"a=1",
    }

    assert (
        url_of(scope, {"host": "example.com:8080"}) == "http://example.com:8080/webhooks/%C3%A9?a=1"
    )
    assert url_of(scope, {"host": "h", "x-forwarded-proto": "https"}).startswith("https://h/")


BODY = b"{}"


@pytest.mark.parametrize(
    ("scheme", "headers", "expected"),
    [
        ("dragops", {}, None),
        ("dragops", {"x-idempotency-key": ""}, None),
        ("dragops", {"x-idempotency-key": "k"}, "key:k"),
        ("dragops", {"x-idempotency-key": "k", "x-request-id": "r"}, "key:k"),
        ("dragops", {"x-github-delivery": "d"}, None),
        ("github", {"x-github-delivery": "d", "x-idempotency-key": "k"}, "delivery:d"),
        ("github", {}, None),
    ],
)
def test_a_delivery_has_one_key(scheme: str, headers: dict[str, str], expected: str | None) -> None:
    """The sender's own key, else the request id; github has delivery ids."""
    assert idempotency_key(scheme, headers, BODY) == expected


def test_a_request_id_is_a_key_only_together_with_the_body() -> None:
    """Meshes copy one request id to several calls."""
    headers = {"x-request-id": "r"}

    first, second = (idempotency_key("dragops", headers, body) for body in (b"1", b"2"))

    assert first != second
    assert first == idempotency_key("dragops", headers, b"1")


def test_a_long_key_is_kept_short_and_distinct() -> None:
    """The column has 255 characters; a stranger's header has what it likes."""
    keys = {idempotency_key("dragops", {"x-idempotency-key": "k" * n}, BODY) for n in (900, 901)}

    assert len(keys) == 2
    assert all(key and len(key) < 255 for key in keys)


@pytest.mark.parametrize(
    ("content_type", "raw", "stored"),
    [
        ("application/json", b'{ "a" : 1 }', {"a": 1}),
        ("application/json", b"", {}),
        ("text/plain", b"hi", "hi"),
        ("image/png", b"\x00\x01", "AAE="),
    ],
)
def test_an_event_is_stored_as_json(content_type: str, raw: bytes, stored: Any) -> None:
    """Bytes are stored as base64."""
    event = {"body": parsed_body(content_type, raw), "headers": {"content-type": content_type}}

    assert orjson.loads(stored_event(event, raw))["body"] == stored
