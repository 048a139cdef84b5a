"""JSON Merge Patch (RFC 7396): objects are merged, null takes away, anything else replaces."""

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """Give ``target`` as the patch makes it; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
