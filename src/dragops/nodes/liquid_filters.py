"""Liquid's filters, held to the limits of values: a template may come from anyone.

Each filter's result is looked at before the next one gets it; those that could build much out of
little, or walk over it for minutes, are our own.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain
from typing import Any, Final, TypeAlias

from liquid.filter import math_filter, num_arg, with_context
from liquid.undefined import Undefined

from dragops.errors import RunFailure
from dragops.nodes import string
from dragops.nodes.convert import to_datetime, to_string
from dragops.nodes.json_text import dumps
from dragops.nodes.limits import (
    ITEMS_MAX,
    bounded_integer,
    bounded_size,
    bounded_text,
    joined,
    limit_error,
)
from dragops.nodes.math import ROUND_DIGITS_MAX, round_
from dragops.nodes.values import identity

Filter: TypeAlias = Callable[..., Any]

_LEFT_OUT: Final = ("safe", "escapejs")
"""No filters of Liquid: the first would undo `escape`."""
_NO_TEXT: Final = frozenset(
    {
        *("abs", "at_least", "at_most", "ceil", "divided_by", "floor", "minus", "modulo", "plus"),
        *("round", "times", "sum", "compact", "concat", "default", "find", "find_index", "first"),
        *("has", "join", "last", "map", "reject", "reverse", "size", "slice", "sort", "uniq"),
        *("sort_natural", "where", "date"),
    }
)
"""Filters that take other values than texts; the rest gets a text."""
_AS_IT_IS: Final = frozenset({"default", "first", "last", "size", "slice"})
"""Filters that do not make Arrays of Arrays flat."""
_FORMAT_MAX: Final = 200
_FLATTENED: Final = 6


def bounded_filters(known: dict[str, Filter]) -> dict[str, Filter]:
    """Give the filters that templates may use."""
    own: dict[str, Filter] = {
        "date": _date,
        "join": _join,
        "replace": _replace,
        "round": _round,
        "split": _split,
        "strip_html": _strip_html,
        "truncatewords": _truncate_words,
        "uniq": _uniq,
    }
    found = {name: own.get(name, each) for name, each in known.items() if name not in _LEFT_OUT}
    return {name: _bounded(name, each) for name, each in found.items()}


def text_of(value: Any) -> str:
    """Write a value as a template shows it: Objects as JSON, Arrays without anything between."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        _bounded_depths(value)
        return joined([text_of(each) for each in value], "")
    if isinstance(value, dict):
        return dumps(value)
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if value is None or isinstance(value, bool | datetime | bytes):
        return to_string(value, "values")
    return str(value)


def _bounded(name: str, function: Filter) -> Filter:
    def called(left: Any, *args: Any, **kwargs: Any) -> Any:
        if name not in _NO_TEXT:
            left = text_of(left)
            args = tuple(each if _is_plain(each) else text_of(each) for each in args)
        elif isinstance(left, list) and name not in _AS_IT_IS:
            _bounded_depths(left)
        return _looked_at(function(left, *args, **kwargs))

    for mark in ("with_environment", "with_context"):
        setattr(called, mark, getattr(function, mark, False))
    return called


def _is_plain(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number or isinstance(value, str | Undefined)


def _looked_at(result: Any) -> Any:
    if isinstance(result, str):
        return bounded_text(result)
    if isinstance(result, list):
        bounded_size(len(result), "Array")
    elif isinstance(result, int):
        bounded_integer(result)
    return result


def _bounded_depths(values: Iterable[Any]) -> None:
    """Refuse what would have too many items if it were flat."""
    while inner := [each for each in values if isinstance(each, list)]:
        bounded_size(sum(map(len, inner)), "Array")
        values = [*chain.from_iterable(inner)]


def _flat(values: Any) -> list[Any]:
    if not isinstance(values, list | tuple | range):
        return [values]
    items: list[Any] = list(values)
    for _ in range(_FLATTENED):
        items = [*chain.from_iterable(i if isinstance(i, list) else [i] for i in items)]
    return items


def _join(values: Any, separator: Any = " ") -> str:
    return joined([text_of(each) for each in _flat(values)], text_of(separator))


def _replace(text: str, search: str, replacement: str = "") -> str:
    return string.replace(text_of(text), text_of(search), text_of(replacement))


@math_filter
def _round(number: Any, digits: Any = None) -> Any:
    # as Liquid does, which Python's own rounding to even does not
    places = int(num_arg(digits, default=0))
    return round_(number, max(-ROUND_DIGITS_MAX, min(places, ROUND_DIGITS_MAX)))


def _split(text: str, separator: Any = "") -> list[str]:
    wanted = text_of(separator)
    if not text or text == wanted:
        return []
    if wanted == " ":
        return text.split(None, ITEMS_MAX)
    return string.split(text, wanted)


def _truncate_words(text: str, count: Any = 15, end: Any = "...") -> str:
    wanted = max(int(count), 1)
    words = text.split(None, min(wanted, ITEMS_MAX))
    return " ".join(words) if len(words) <= wanted else " ".join(words[:wanted]) + text_of(end)


def _uniq(values: Any, key: Any = None) -> list[Any]:
    seen: dict[Any, Any] = {}
    for each in _flat(values):
        of = each if key is None or not isinstance(each, dict) else each.get(key)
        seen.setdefault(identity(of), each)
    return list(seen.values())


def _strip_html(text: str) -> str:
    kept: list[str] = []
    missing: set[str] = set()
    at = 0
    while (start := text.find("<", at)) >= 0:
        end = _end_of_tag(text, start, missing)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end
    return "".join(kept) + text[at:]


def _end_of_tag(text: str, start: int, missing: set[str]) -> int:
    for opening, closing in (("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>")):
        if closing not in missing and text.startswith(opening, start):
            end = text.find(closing, start)
            if end >= 0:
                return end + len(closing)
            missing.add(closing)  # so that nobody looks for it again
    return text.find(">", start) + 1 or -1


@with_context
def _date(moment: Any, form: Any = None, *, context: Any) -> str:
    if isinstance(moment, Undefined):
        return ""
    try:
        is_now = moment in ("now", "today")
        found = context.now() if is_now else to_datetime(moment, "values")
    except RunFailure:
        return text_of(moment)  # as Liquid does
    if form is None or isinstance(form, Undefined):
        return to_string(found, "values")
    if len(text_of(form)) > _FORMAT_MAX:
        raise limit_error(f"the format of a date has {_FORMAT_MAX} characters")
    return found.strftime(text_of(form))
