"""HTTP: a request to another server, and the answer to a waiting webhook."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes.bodies import Body, ResponseType, body_text, is_readable, read_body, sent_body
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import Number, member
from dragops.nodes.header_texts import (
    OF_THE_CONNECTION,
    fixed_headers,
    header_of,
    header_texts,
    without,
)
from dragops.nodes.limits import out_of_range
from dragops.nodes.outside import Request, Response
from dragops.nodes.timeouts import bounded_timeout, fixed_timeout
from dragops.nodes.urls import read_http_url, with_query

category = Category("HTTP")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

_SHOWN_BYTES: Final = 10 * 1024
_STATUS_MIN: Final = 200
_STATUS_MAX: Final = 599


class Answer(NamedTuple):
    """What HTTP Request puts out."""

    response: Any
    status: int
    headers: dict[str, str]
    ok: bool
    status_code: int
    response_headers: dict[str, str]
    response_body: str


def _fixed_url(value: str) -> str:
    read_http_url(value)
    return value


def _fixed_status(value: int) -> int:
    if not _STATUS_MIN <= value <= _STATUS_MAX:
        raise ValueError(f"use {_STATUS_MIN} to {_STATUS_MAX}")
    return value


@category.node(
    'HttpRequest "HTTP Request" impure (exec, url: String!,'
    ' method: Enum(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) = "GET", headers: Object = {},'
    " query: Object = {}, body: Any, timeout: Float = 30)"
    " [failOnError: Boolean = false, followRedirects: Boolean = true, verifyTls: Boolean = true,"
    ' responseType: Enum(auto|json|text|binary) = "auto"]'
    " -> (exec, response: Any, status: Integer, headers: Object, ok: Boolean, statusCode: Integer,"
    " responseHeaders: Object, responseBody: String)",
    checks={"url": _fixed_url, "headers": fixed_headers, "timeout": fixed_timeout},
)
async def http_request(
    ctx: Context,
    url: str,
    method: str = "GET",
    headers: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    timeout: Number = 30,
    fail_on_error: bool = False,
    follow_redirects: bool = True,
    verify_tls: bool = True,
    response_type: ResponseType = "auto",
) -> Answer:
    """Send a request to a web server; a status of 400 or more is an answer, unless failOnError."""
    content, its_type = sent_body(body)
    sent = without(header_texts(headers or {}), *OF_THE_CONNECTION)
    if its_type and header_of(sent, "content-type") is None:
        sent["Content-Type"] = its_type
    request = Request(
        member(method, METHODS, "method"),
        with_query(url, query or {}),
        sent,
        content,
        bounded_timeout(timeout),
        follow_redirects,
        verify_tls,
    )
    response = await ctx.outside.send(request)
    if fail_on_error and response.status >= 400:
        raise _failed(request, response, ctx.now())
    return _answer(response, read_body(response, response_type))


@category.node(
    "RespondToWebhook impure (exec, statusCode: Integer = 200, headers: Object = {},"
    ' body: Any = "") -> (exec)',
    checks={"statusCode": _fixed_status, "headers": fixed_headers},
)
def respond_to_webhook(
    ctx: Context,
    status_code: int = 200,
    headers: Mapping[str, Any] | None = None,
    body: Any = "",
) -> None:
    """Answer the caller of the webhook; the run goes on. The first answer counts.

    A String is sent as text, a Binary as bytes, all else as JSON; a content-type in headers wins.
    """
    if not _STATUS_MIN <= status_code <= _STATUS_MAX:
        raise out_of_range("statusCode", status_code, f"use {_STATUS_MIN} to {_STATUS_MAX}")
    sent = without(header_texts(headers or {}), *OF_THE_CONNECTION)
    if header_of(sent, "content-type") is None:
        sent["Content-Type"] = _content_type(body)
    ctx.respond(status_code, sent, None if status_code in {204, 304} else body)


def _answer(response: Response, body: Body) -> Answer:
    is_ok = 200 <= response.status <= 299
    same = response.status, response.headers
    return Answer(body.value, *same, is_ok, *same, body.text)


def _failed(request: Request, response: Response, now: datetime) -> RunFailure:
    shown = response.body[:_SHOWN_BYTES]
    data = {
        "status": response.status,
        "headers": response.headers,
        "body": body_text(response._replace(body=shown)) if is_readable(response) else shown,
        "retryAfter": _retry_after(response.headers.get("retry-after", ""), now),
    }
    origin = read_http_url(request.url).origin
    return RunFailure("HttpError", f"{origin} answered with status {response.status}", data)


def _retry_after(text: str, now: datetime) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0, math.ceil((moment - now).total_seconds()))


def _content_type(body: Any) -> str:
    if isinstance(body, str):
        return "text/plain; charset=utf-8"
    return "application/octet-stream" if isinstance(body, bytes) else "application/json"
