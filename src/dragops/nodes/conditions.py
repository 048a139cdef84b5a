"""Conditions on one value: what Filter, Find and Count Items ask of each item."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from dragops.errors import RunFailure
from dragops.nodes import regex
from dragops.nodes.containing import contains
from dragops.nodes.convert import member
from dragops.nodes.paths import value_or_null
from dragops.nodes.values import equal, identity, is_empty, rank

Holds: TypeAlias = Callable[[Any], bool]


def condition(path: str, operator: str, value: Any) -> Holds:
    """Give the question whether the value at a path of an item fits; it never fails."""
    holds = _OPERATORS[member(operator, _OPERATORS, "operator")](value)
    return lambda item: holds(value_or_null(item, path))


def _equals(value: Any) -> Holds:
    return lambda found: equal(found, value)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Holds]:
    def operator(value: Any) -> Holds:
        mine = rank(value)
        is_ordered = mine[0] in _ORDERED

        def holds(found: Any) -> bool:
            other = rank(found)
            return is_ordered and other[0] == mine[0] and compare(other[1], mine[1])

        return holds

    return operator


_ORDERED: Final = {rank(0)[0], rank("")[0], rank(datetime.min.replace(tzinfo=UTC))[0]}


def _contains(value: Any) -> Holds:
    def holds(found: Any) -> bool:
        try:
            return contains(found, value)
        except RunFailure:
            return False

    return holds


def _of_texts(holds: Callable[[str, str], bool]) -> Callable[[Any], Holds]:
    def operator(value: Any) -> Holds:
        return lambda found: (
            isinstance(value, str) and isinstance(found, str) and holds(found, value)
        )

    return operator


def _matches(value: Any) -> Holds:
    if not isinstance(value, str):
        return lambda _found: False
    pattern = regex.compiled(value)
    return lambda found: isinstance(found, str) and regex.is_found(pattern, found)


def _in(value: Any) -> Holds:
    known = {identity(each) for each in value} if isinstance(value, list) else set()
    return lambda found: identity(found) in known


def _of_alone(holds: Holds) -> Callable[[Any], Holds]:
    return lambda _value: holds


def _not(operator: Callable[[Any], Holds]) -> Callable[[Any], Holds]:
    def opposite(value: Any) -> Holds:
        holds = operator(value)
        return lambda found: not holds(found)

    return opposite


_OPERATORS: Final[dict[str, Callable[[Any], Holds]]] = {
    "equals": _equals,
    "notEquals": _not(_equals),
    "greaterThan": _ordered(lambda a, b: a > b),
    "greaterOrEqual": _ordered(lambda a, b: a >= b),
    "lessThan": _ordered(lambda a, b: a < b),
    "lessOrEqual": _ordered(lambda a, b: a <= b),
    "contains": _contains,
    "notContains": _not(_contains),
    "startsWith": _of_texts(str.startswith),
    "endsWith": _of_texts(str.endswith),
    "matches": _matches,
    "in": _in,
    "notIn": _not(_in),
    "isNull": _of_alone(lambda found: found is None),
    "isNotNull": _of_alone(lambda found: found is not None),
    "isEmpty": _of_alone(is_empty),
    "isNotEmpty": _of_alone(lambda found: not is_empty(found)),
    "isTrue": _of_alone(lambda found: found is True),
    "isFalse": _of_alone(lambda found: found is False),
}

OPERATORS: Final = tuple(_OPERATORS)
"""The members of `Enum(Condition)`."""
