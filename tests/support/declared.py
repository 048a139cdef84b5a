"""Builders of declarative nodes: `definition(inputs=("q",), url="https://a.test/{q}")`."""

from typing import Any

from dragops.model.declared import DeclaredNode

Object = dict[str, Any]


def definition_json(
    *, inputs: tuple[str | Object, ...] = (), response: Object | None = None, **changes: Any
) -> Object:
    """The definition of a GET of https://api.test; a text as an input is a String of that name."""
    request = {"url": "https://api.test"} | changes.pop("request", {})
    places = response or {}
    given = [{"name": pin, "type": "string"} if isinstance(pin, str) else pin for pin in inputs]
    outputs = [{"name": name, "type": "any"} for name in places]
    return {
        "inputs": given,
        "outputs": outputs,
        "request": request,
        "response": places,
    } | changes


def definition(**parts: Any) -> DeclaredNode:
    """The same, read."""
    return DeclaredNode.model_validate(definition_json(**parts))
