"""Whether an object already says all that we want of it; what others added does not count."""

from typing import Any


def covers(actual: Any, wanted: Any) -> bool:
    """Say whether every field of ``wanted`` stands in ``actual`` with the same value."""
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(
            covers(actual.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(wanted)
            and all(covers(a, w) for a, w in zip(actual, wanted, strict=True))
        )
    return bool(actual == wanted)
