"""When two values are Equal, how they are ordered, and what is empty."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any

from dragops.nodes.limits import DEPTH_MAX, limit_error
from dragops.nodes.moments import EPOCH

_NUMBERS = frozenset((int, float))


def equal(a: Any, b: Any) -> bool:
    """Compare by kind first: 1 equals 1.0, but not true and not "1"."""
    kind, other = type(a), type(b)
    if (kind is str and other is str) or (kind in _NUMBERS and other in _NUMBERS):
        return bool(a == b)
    try:
        return _equal(a, b)
    except RecursionError as exc:
        raise limit_error(f"values nest {DEPTH_MAX} levels") from exc


def is_empty(value: Any) -> bool:
    """Say whether a value is null or holds nothing; 0, false and blanks are something."""
    return value is None or (isinstance(value, str | bytes | list | dict) and not value)


def instant(moment: datetime) -> timedelta:
    """Place a DateTime on one line, where clocks that are put back show no time twice."""
    return moment - EPOCH


def identity(value: Any) -> Hashable:
    """Give a key that is the same for Equal values and for no others: for sets and dicts."""
    try:
        return _identity(value)
    except RecursionError as exc:
        raise limit_error(f"values nest {DEPTH_MAX} levels") from exc


def rank(value: Any) -> tuple[int, Any]:
    """Place a value in the order of all kinds; what has no order is last, and all the same."""
    if isinstance(value, bool):
        return 0, value
    if isinstance(value, int | float):
        return 1, value
    if isinstance(value, datetime):
        return 2, instant(value)
    return (3, value) if isinstance(value, str) else (4, 0)


def _identity(value: Any) -> Hashable:
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, datetime):
        return datetime, instant(value)
    if isinstance(value, list):
        return list, tuple(map(_identity, value))
    if isinstance(value, dict):
        return dict, frozenset((key, _identity(inner)) for key, inner in value.items())
    hashable: Hashable = value
    return hashable


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return instant(a) == instant(b)
    return any(isinstance(a, kind) and isinstance(b, kind) for kind in _KINDS) and bool(a == b)


_KINDS: tuple[type | tuple[type, ...], ...] = ((int, float), str, bytes)
