"""Documents of each route which codes it answers, with the examples of the reference."""

import json
from collections import defaultdict
from importlib.resources import files
from typing import Any

from dragops_api.schemas.envelope import ErrorAnswer
from dragops_api.schemas.portable import PatternExport

CODES = {
    "VALIDATION": 400,
    "PAUSED": 400,
    "ALREADY_PAUSED": 400,
    "NOT_PAUSED": 400,
    "NO_SCHEDULE": 400,
    "NOT_ACTIVE": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "PATTERN_NOT_FOUND": 404,
    "DEPLOYMENT_NOT_FOUND": 404,
    "ENVIRONMENT_NOT_FOUND": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "RUN_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "COMPILATION_FAILED": 422,
    "RATE_LIMITED": 429,
    "ENGINE_UNAVAILABLE": 503,
    "STORE_UNAVAILABLE": 503,
    "CLUSTER_UNAVAILABLE": 503,
    "ISSUER_UNAVAILABLE": 503,
}
_ALWAYS = (
    "VALIDATION",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",  # the workspace
    "CLUSTER_UNAVAILABLE",
    "ISSUER_UNAVAILABLE",
)
BODY = ("TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
"""What a route with a body can also answer."""
_TIMESTAMP = "2026-03-05T12:00:00.000Z"

Responses = dict[int | str, dict[str, Any]]


def example(name: str, part: str) -> Any:
    """Give an example of the reference: the ``request`` or the ``response`` of a route."""
    return _examples(name)[part]


def _examples(name: str) -> dict[str, Any]:
    text = files("dragops_api").joinpath("examples.json").read_text()
    every: dict[str, dict[str, Any]] = json.loads(text)
    if name not in every:
        raise LookupError(f"route {name!r} has no example in dragops_api/examples.json")
    return every[name]


def shown(name: str, *, later: bool = False) -> dict[str, Any]:
    """Give a route's example answer, with what we add to the reference's data, and the time.

    ``later`` gives the answer of a call that is not settled yet.
    """
    found = _examples(name)
    answer: dict[str, Any] = found["response"]
    if "success" not in answer:
        return answer
    if adds := found.get("adds"):
        answer["data"] |= adds
    if later:
        pending = {"status": "pending"} if "status" in answer["data"] else {}
        answer["data"] |= found.get("later", pending)
    return {"timestamp": _TIMESTAMP} | answer


def answers(*codes: str, like: str | None = None, ok: int = 200, later: bool = False) -> Responses:
    """Document a route's errors, and its success with the example of route ``like``."""
    content = {"content": {"application/json": {"example": shown(like)}}} if like else {}
    responses = refusals(*_ALWAYS, *codes) | {ok: {"description": "Done", **content}}
    if later:
        responses[202] = {"description": "Not confirmed within `wait`; it goes on by itself"}
    return responses


def refusals(*codes: str) -> Responses:
    """Document these errors and no others, as public routes need."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[CODES[code]].append(code)
    return {
        status: {
            "model": ErrorAnswer,
            "description": ", ".join(listed),
            "content": {"application/json": {"examples": _failures(listed)}},
        }
        for status, listed in sorted(by_status.items())
    }


def document_request(name: str) -> dict[str, Any]:
    """Document a body that is an export's JSON, or a manifest in JSON or YAML."""
    shapes = [{"$ref": "#/components/schemas/PatternExport"}, {"type": "object"}]
    as_json = {
        "schema": {"title": "Export, or Pattern manifest", "anyOf": shapes},
        "example": example(name, "request"),
    }
    as_yaml = {"schema": {"type": "object"}, "example": example(name, "manifest")}
    content = {"application/json": as_json, "application/yaml": as_yaml}
    return {"requestBody": {"content": content}}


def document_answers(name: str) -> Responses:
    """Document an answer that is an export's JSON or a manifest, and has no envelope."""
    content = {
        "application/json": {"example": example(name, "response")},
        "application/yaml": {"schema": {"type": "object"}, "example": example(name, "manifest")},
    }
    return {200: {"model": PatternExport, "description": "Done", "content": content}}


def _failures(codes: list[str]) -> dict[str, Any]:
    return {
        code: {
            "value": {
                "success": False,
                "error": {"code": code, "message": "..."},
                "timestamp": _TIMESTAMP,
            }
        }
        for code in codes
    }
