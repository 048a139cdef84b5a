"""What a value contains: Contains, and the conditions of that name."""

from typing import Any

from dragops.nodes.convert import conversion_error, to_string
from dragops.nodes.values import equal


def contains(container: Any, item: Any, *, ignore_case: bool = False) -> bool:
    """Look for a part of a text, an Equal item of an Array, a key of an Object."""
    if container is None:
        return False
    if isinstance(container, str | dict):
        text = to_string(item, "item")
        return text.lower() in _lower_of(container) if ignore_case else text in container
    if not isinstance(container, list):
        raise conversion_error(container, "String, Array or Object", "container")
    if ignore_case:
        container, item = _lower(container), _lower(item)
    return any(equal(each, item) for each in container)


def _lower_of(container: str | dict[str, Any]) -> str | set[str]:
    return container.lower() if isinstance(container, str) else {key.lower() for key in container}


def _lower(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return [_lower(each) for each in value]
    if isinstance(value, dict):
        return {key: _lower(inner) for key, inner in value.items()}
    return value
