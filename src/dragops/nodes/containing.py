"""What a value contains: Contains, and the conditions of that name."""

from typing import Any

from dragops.nodes.convert import conversion_error, to_string
from dragops.nodes.values import equal


def contains(container: Any, item: Any, *, ignore_case: bool = False) -> bool:
    """Look for a part of a text, an Equal item of an Array, a key of an Object."""
    if ignore_case:
        container, item = _lower(container), _lower(item)
    if isinstance(container, list):
        return any(equal(each, item) for each in container)
    if isinstance(container, str | dict):
        text = to_string(item, "item")
        return (text.lower() if ignore_case else text) in container
    if container is None:
        return False
    raise conversion_error(container, "String, Array or Object", "container")


def _lower(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return [each.lower() if isinstance(each, str) else each for each in value]
    return {key.lower(): None for key in value} if isinstance(value, dict) else value
