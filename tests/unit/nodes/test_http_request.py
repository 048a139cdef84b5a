"""HTTP Request: what it sends for its pins, and what it makes of an answer."""

import asyncio
from typing import Any

import pytest

from dragops.errors import PatternError, RunFailure
from dragops.nodes.http import Answer, http_request
from support.context import RecordingContext
from support.patterns import chain, node, pattern, wire
from support.peers import Peers
from support.runs import run_pattern

URL = "https://api.example.com/items"
JSON = {"content-type": "application/json; charset=utf-8"}


def ask(answer: Any = 200, **pins: Any) -> tuple[Answer, Peers]:
    """Run the node once against a peer that gives this answer."""
    peers = Peers({URL: [answer]})
    ctx = RecordingContext(outside=peers)
    return asyncio.run(http_request(ctx, **({"url": URL} | pins))), peers


def failure(answer: Any = 200, **pins: Any) -> RunFailure:
    with pytest.raises(RunFailure) as caught:
        ask(answer, **pins)
    return caught.value


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        (None, None, None),
        ("é", "é".encode(), "text/plain; charset=utf-8"),
        ("", b"", "text/plain; charset=utf-8"),
        (b"\0", b"\0", "application/octet-stream"),
        ({"a": [1, None]}, b'{"a":[1,null]}', "application/json"),
        ([], b"[]", "application/json"),
        (0, b"0", "application/json"),
        (False, b"false", "application/json"),
    ],
)
def test_a_body_is_sent_as_its_type_says(body: Any, sent: bytes, content_type: str) -> None:
    """Null is none at all; Binary as it is, a String as text, anything else as JSON."""
    _, peers = ask(body=body)

    assert peers.sent[0].body == sent
    assert peers.sent[0].headers.get("Content-Type") == content_type


def test_a_content_type_in_the_headers_wins() -> None:
    """In any case."""
    _, peers = ask(body={"a": 1}, headers={"content-TYPE": "application/vnd.a+json", "X-N": 5})

    assert peers.sent[0].headers == {"content-TYPE": "application/vnd.a+json", "X-N": "5"}


def test_headers_of_the_connection_are_left_out() -> None:
    """Who sends two lengths smuggles a second request."""
    given = {"Content-Length": 5, "Transfer-Encoding": "chunked", "connection": "close", "Te": "x"}

    _, peers = ask(headers=given)

    assert peers.sent[0].headers == {}


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a": "b\n"}, {"a\n": "b"}, {"a b": 1}])
def test_a_header_of_two_lines_is_a_parse_error(headers: dict[str, Any]) -> None:
    """Its value may be a secret: it is not told."""
    failed = failure(headers=headers)

    assert failed.type == "ParseError"
    assert "c: d" not in failed.message


def test_a_query_is_added_to_the_url() -> None:
    """Null is left out, an Array repeats its key."""
    peers = Peers()
    query = {"p": 2, "t": ["x", "é", None], "no": None}

    with pytest.raises(RunFailure):
        asyncio.run(
            http_request(RecordingContext(outside=peers), url=URL + "?a=1#top", query=query)
        )

    assert peers.sent[0].url == URL + "?a=1&p=2&t=x&t=%C3%A9#top"


@pytest.mark.parametrize(
    ("answer", "response_type", "response", "text"),
    [
        ({"json": {"a": 1}}, "auto", {"a": 1}, '{"a": 1}'),
        ({"bytes": b"[1]", "headers": {"content-type": "application/a+json"}}, "auto", [1], "[1]"),
        ({"bytes": b"{", "headers": JSON}, "auto", "{", "{"),
        ({"text": "[1]"}, "auto", "[1]", "[1]"),
        ({"text": "[1]"}, "json", [1], "[1]"),
        ({"json": [1]}, "text", "[1]", "[1]"),
        ({"json": [1]}, "binary", b"[1]", ""),
        ({"bytes": b"\xff\0"}, "auto", b"\xff\0", ""),
        ({"bytes": b"<a/>", "headers": {"content-type": "image/svg+xml"}}, "auto", "<a/>", "<a/>"),
        (
            {"bytes": b"\xe9", "headers": {"content-type": 'text/html; charset="ISO-8859-1"'}},
            "auto",
            "é",
            "é",
        ),
        (
            {"bytes": b"a\xff", "headers": {"content-type": "text/html"}},
            "auto",
            "a\ufffd",
            "a\ufffd",
        ),
        ({"bytes": b"a", "headers": {"content-type": "text/html; charset=zip"}}, "auto", "a", "a"),
        (204, "auto", None, ""),
        (204, "json", None, ""),
        (204, "text", "", ""),
        (204, "binary", b"", ""),
        ({"bytes": b"", "headers": JSON}, "auto", None, ""),
    ],
)
def test_an_answer_is_read_as_its_content_type_says(
    answer: Any, response_type: Any, response: Any, text: str
) -> None:
    """Or as the node wants it; the raw text is there beside it, except for a Binary."""
    given, _ = ask(answer, response_type=response_type)

    assert (given.response, given.response_body) == (response, text)


def test_what_must_be_json_and_is_not_is_a_parse_error() -> None:
    """It was asked for."""
    assert failure({"text": "x"}, response_type="json").type == "ParseError"


def test_json_that_is_too_deep_is_no_text_instead() -> None:
    """It parses: it is the limit that it passes."""
    deep = {"bytes": b"[" * 66 + b"]" * 66, "headers": JSON}

    assert failure(deep).type == "LimitError"


@pytest.mark.parametrize(("status", "ok"), [(200, True), (299, True), (304, False), (500, False)])
def test_a_status_is_data(status: int, ok: bool) -> None:
    """Also one of 400 or more; both names of it say the same."""
    given, _ = ask({"status": status, "headers": {"x-a": "1"}})

    assert (given.status, given.status_code, given.ok) == (status, status, ok)
    assert given.headers == given.response_headers == {"x-a": "1"}


def test_a_bad_status_can_be_a_failure() -> None:
    """With what is needed to handle it."""
    headers = {"retry-after": "120"}
    failed = failure({"status": 429, "headers": headers, "json": {"a": 1}}, fail_on_error=True)

    assert (failed.type, failed.message) == (
        "HttpError",
        "https://api.example.com answered with status 429",
    )
    assert failed.data == {
        "status": 429,
        "headers": {"content-type": "application/json", "retry-after": "120"},
        "body": '{"a": 1}',
        "retryAfter": 120,
    }


def test_a_good_status_is_none() -> None:
    """Below 400 all is well."""
    given, _ = ask(399, fail_on_error=True)

    assert given.status == 399


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("0", 0),
        ("Thu, 05 Mar 2026 12:01:30 GMT", 90),
        ("Thu, 05 Mar 2026 11:00:00 GMT", 0),
        ("Thu, 05 Mar 2026 12:00:00 +9999999999999", None),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_a_time_to_wait_is_in_seconds(sent: str, seconds: int | None) -> None:
    """Whether it was sent as such or as a moment; null when it is neither."""
    failed = failure({"status": 503, "headers": {"retry-after": sent}}, fail_on_error=True)

    assert failed.data["retryAfter"] == seconds


def test_the_body_of_a_failure_is_cut() -> None:
    """At 10 KiB; bytes stay bytes."""
    text = failure({"status": 500, "text": "x" * 20_000}, fail_on_error=True)
    binary = failure({"status": 500, "bytes": b"\0" * 20_000}, fail_on_error=True)

    assert text.data["body"] == "x" * 10_240
    assert binary.data["body"] == b"\0" * 10_240


@pytest.mark.parametrize("timeout", [0, -1, 300.1, float("inf"), float("nan")])
def test_a_timeout_is_above_0_and_at_most_300_seconds(timeout: float) -> None:
    """As much as a node may wait for another machine."""
    failed = failure(timeout=timeout)

    assert failed.type == "LimitError"
    assert "above 0 and at most 300" in failed.message


def test_a_body_of_10_mib_is_the_longest() -> None:
    """Whatever it is made of."""
    assert failure(body=bytes(10 * 2**20 + 1)).type == "LimitError"
    assert failure(body="x" * (10 * 2**20 + 1)).type == "LimitError"
    assert failure(body=["x" * (10 * 2**20)]).type == "LimitError"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"url": "/health"}, "no absolute URL"),
        ({"url": "ftp://a.test"}, "neither http nor https"),
        ({"url": "http://a.test:99999"}, "no URL: Port out of range"),
        ({"url": URL, "timeout": 301}, "at most 300"),
        ({"url": URL, "timeout": 0}, "above 0"),
        ({"url": URL, "headers": {"a": "b\nc"}}, "holds a line end"),
        ({"url": URL, "method": "TRACE"}, "use one of GET"),
        ({"url": URL, "responseType": "xml"}, "use one of auto"),
    ],
)
def test_fixed_values_that_are_sure_to_fail_are_refused(values: Any, told: str) -> None:
    """When the pattern is compiled."""
    with pytest.raises(PatternError, match=told) as caught:
        run_pattern(
            pattern(
                "bad",
                node("start", "OnStart"),
                node("get", "HttpRequest", **values),
                chain("start", "get"),
            ),
            {},
        )
    assert {fault.code for fault in caught.value.faults} == {"BAD_VALUE"}


def test_a_compiled_program_waits_for_the_answer() -> None:
    """Nodes after it read what it put out; a failure has its node."""
    spec = pattern(
        "health",
        node("start", "OnStart"),
        node("get", "HttpRequest", url=URL),
        node("log", "Log"),
        chain("start", "get", "log"),
        wire("get.status", "log.message"),
    )
    outcome = run_pattern(spec, {})

    assert outcome.failure
    assert (outcome.failure["type"], outcome.failure["nodeId"]) == ("HttpError", "get")
