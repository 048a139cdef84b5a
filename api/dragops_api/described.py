"""The OpenAPI description, as clients get it: with our codes, our token, our examples."""

import copy
from typing import Any

from fastapi import FastAPI

from dragops_api.auth import NAMESPACE, PUBLIC, WORKSPACE_HEADER
from dragops_api.documented import example, shown
from dragops_api.links import links_of

_WORKSPACE = {
    "name": WORKSPACE_HEADER.title(),
    "in": "header",
    "required": False,
    "description": "The namespace to act in; else the caller's own, else the server's default.",
    "schema": {"type": "string", "pattern": f"^{NAMESPACE}$"},
}


def described(api: FastAPI) -> dict[str, Any]:
    """Give the description of the routes."""
    document = copy.deepcopy(api.openapi())
    parts = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A Kubernetes token for audience dragops-api, or one of an OIDC issuer.",
        }
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            _finish(operation)
    return document


def _finish(operation: dict[str, Any]) -> None:
    answers, name = operation["responses"], operation["operationId"]
    # FastAPI's own word for wrong input; ours is 400
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]
    if name not in PUBLIC:
        operation["security"] = [{"token": []}]
        operation.setdefault("parameters", []).append(_WORKSPACE)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = example(
            name, "request"
        )
    _finish_success(name, answers)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Say of a parameter that may be left out only that: no URL and no header can hold null."""
    kinds: list[dict[str, Any]] = [
        kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}
    ]
    if len(kinds) != 1:
        return schema
    return {key: value for key, value in schema.items() if key != "anyOf"} | kinds[0]


def _finish_success(name: str, answers: dict[str, Any]) -> None:
    done = next(status for status in ("200", "201") if status in answers)
    if content := answers[done].get("content", {}).get("application/json"):
        # here again, as FastAPI drops every null of an example
        content["example"] = shown(name)
        if "202" in answers:
            # the same shape, with the word for what is not settled yet
            later = content | {"example": shown(name, later=True)}
            answers["202"]["content"] = {"application/json": later}
    for status in (done, "202"):
        if links := links_of(name, status):
            answers[status]["links"] = links
