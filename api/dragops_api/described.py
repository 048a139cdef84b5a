"""The OpenAPI description, as clients get it: with our codes, our token, our examples."""

import copy
from typing import Any

from fastapi import FastAPI

from dragops_api.auth import PUBLIC, WORKSPACE_HEADER
from dragops_api.documented import example

_REQUESTS = (
    *("deploy_pattern", "execute_deployment", "update_schedule"),
    *("create_environment", "update_environment"),
)
_WORKSPACE = {
    "name": WORKSPACE_HEADER.title(),
    "in": "header",
    "required": False,
    "description": "The namespace to act in; else the caller's own, else the server's default.",
    "schema": {"type": "string"},
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
            "description": "A Kubernetes token for audience dragops-api.",
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
    if name in _REQUESTS:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = example(name, "request")
