"""HTTP: the answer to a waiting webhook."""

import re
from collections.abc import Mapping
from typing import Any

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import conversion_error, to_string
from dragops.nodes.limits import limit_error

category = Category("HTTP")

_OF_THE_CONNECTION = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


@category.node(
    "RespondToWebhook impure (exec, statusCode: Integer = 200, headers: Object = {},"
    ' body: Any = "") -> (exec)'
)
def respond_to_webhook(
    ctx: Context,
    status_code: int = 200,
    headers: Mapping[str, Any] | None = None,
    body: Any = "",
) -> None:
    """Answer the caller of the webhook; the run goes on."""
    if not 200 <= status_code <= 599:
        raise limit_error("a status code is 200 to 599")
    sent = _sendable(headers or {})
    if not any(name.lower() == "content-type" for name in sent):
        sent["Content-Type"] = _content_type(body)
    ctx.respond(status_code, sent, None if status_code in {204, 304} else body)


def _sendable(headers: Mapping[str, Any]) -> dict[str, str]:
    sent: dict[str, str] = {}
    for name, value in headers.items():
        text = to_string(value, "headers")
        if not _NAME.fullmatch(name):
            raise conversion_error(name, "header name", "headers")
        if not _VALUE.fullmatch(text):
            raise conversion_error(text, "header value", "headers")
        if name.lower() not in _OF_THE_CONNECTION:
            sent[name] = text
    return sent


def _content_type(body: Any) -> str:
    if isinstance(body, str):
        return "text/plain; charset=utf-8"
    return "application/octet-stream" if isinstance(body, bytes) else "application/json"
