"""The run of a declarative node: templates are filled, HTTP Request calls, the answer is read.

A program holds the request as a table, which the compiler has made of the node's definition.
"""

from collections.abc import Mapping
from typing import Any

from dragops.model.pin import PinType
from dragops.nodes.context import Context
from dragops.nodes.convert import CONVERSIONS, member, or_null
from dragops.nodes.http import http_request
from dragops.nodes.json_pointer import found_at
from dragops.nodes.oauth2 import access_token, basic
from dragops.nodes.queries import ask
from dragops.nodes.request_templates import Filler

OF_HTTP_REQUEST = ("status", "ok", "headers", "response")
"""Outputs that a definition may list without saying where they are."""

Table = Mapping[str, Any]


async def call(
    ctx: Context,
    request: Table,
    pins: Mapping[str, Any],
    timeout: float | None = None,
    fail_on_error: bool | None = None,
) -> Any:
    """Make the call; gives the value of the one output, or those of all in their order."""
    for name, members in request.get("members", {}).items():
        if pins.get(name) is not None:
            member(pins[name], members, name)
    fill = Filler(ctx, pins)
    seconds = request["timeout"] if timeout is None else timeout
    answer = await http_request(
        ctx,
        url=fill.url(request["url"]),
        method=request["method"],
        headers=await _headers(ctx, fill, request, seconds),
        query=fill.mapping(request.get("query", {})),
        body=fill.value(request.get("body")),
        timeout=seconds,
        fail_on_error=request["failOnError"] if fail_on_error is None else fail_on_error,
    )
    values = tuple(_output(request, name, answer) for name in request["outputs"])
    return values[0] if len(values) == 1 else values


async def _headers(ctx: Context, fill: Filler, request: Table, seconds: float) -> dict[str, Any]:
    headers = fill.mapping(request.get("headers", {}))
    if user := request.get("basicAuth"):
        pair = fill.text(user["username"]), fill.text(user["password"])
        headers["Authorization"] = basic(*pair)
    if grant := request.get("oauth2"):
        headers["Authorization"] = f"Bearer {await access_token(ctx, fill, grant, seconds)}"
    return headers


def _output(request: Table, name: str, answer: Any) -> Any:
    """Read one output; what the answer does not have is null."""
    place = request.get("response", {}).get(name)
    if place is None:
        value = getattr(answer, name)
    elif is_pointer(place):
        value = found_at(answer.response, place)
    else:
        value = ask(place, answer.response)
    return or_null(CONVERSIONS[PinType(request["outputs"][name])], value, name)


def is_pointer(place: str) -> bool:
    """Say whether a place in an answer is a JSON pointer; else it is a JMESPath."""
    return not place or place.startswith("/")
