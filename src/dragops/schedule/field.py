"""One field of a cron expression: its text becomes the set of values that match.

The rules are those of robfig/cron v3, which Kubernetes uses; what it accepts by accident (empty
list parts, ``*-5``, ``+5``) is refused, and weekday 7 is Sunday, which it does not know.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dragops.errors import BadInput

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(
    r"(?:(?P<star>[*?])|(?P<low>[A-Za-z0-9]+)(?:-(?P<high>[A-Za-z0-9]+))?)(?:/(?P<step>[0-9]+))?"
)
_DIGITS_MAX = 9
"""Go's integers end somewhere; no value or step that means anything is longer."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a field may hold; ``name`` is how faults call it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    written_high: int = 0
    """The highest number that may be written: 7 for weekdays, where it stands for 0."""

    @property
    def top(self) -> int:
        """Give the highest number that may be written."""
        return max(self.high, self.written_high)


SECOND = Bounds("second", 0, 59)
MINUTE = Bounds("minute", 0, 59)
HOUR = Bounds("hour", 0, 23)
DAY = Bounds("day", 1, 31)
MONTH = Bounds("month", 1, 12, _MONTHS)
WEEKDAY = Bounds("weekday", 0, 6, _WEEKDAYS, written_high=7)
FIELDS = (SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY)


@dataclass(frozen=True, slots=True)
class Field:
    """The values that match; ``is_star`` decides how day and weekday combine."""

    values: frozenset[int]
    is_star: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a field's list, as a range that may still hold weekday 7."""

    text: str
    low: int
    high: int
    step: int
    is_star: bool

    def values(self) -> range:
        """Give the numbers as they are written."""
        return range(self.low, self.high + 1, self.step)


def parse_field(text: str, bounds: Bounds) -> Field:
    """Read a field; raise BadInput that names it and says what is wrong."""
    parts = tuple(parse_parts(text, bounds))
    values = (_stored(value, bounds) for part in parts for value in part.values())
    return Field(frozenset(values), is_star=any(part.is_star for part in parts))


def parse_parts(text: str, bounds: Bounds) -> Iterator[Part]:
    """Read a field's list, item by item."""
    for item in text.split(","):
        if not item:
            raise BadInput(bounds.name, f"{text!r} has a comma with nothing beside it")
        yield _part(item, bounds)


def _stored(value: int, bounds: Bounds) -> int:
    return 0 if value > bounds.high else value


def _part(text: str, bounds: Bounds) -> Part:
    match = _PART.fullmatch(text)
    if match is None:
        raise BadInput(
            bounds.name, f"{text!r} is none of: a value, low-high, *, each with or without /step"
        )
    step = _step(match["step"], text, bounds)
    if match["star"]:
        # robfig: a step above 1 makes the star an ordinary list of values
        return Part(text, bounds.low, bounds.high, step, is_star=step == 1)
    low = _value(match["low"], bounds)
    high = _high(low, match, bounds)
    if low > high:
        raise BadInput(
            bounds.name, f"{text!r} runs backwards; write two ranges with a comma between them"
        )
    return Part(text, low, high, step, is_star=False)


def _high(low: int, match: re.Match[str], bounds: Bounds) -> int:
    if match["high"]:
        return _value(match["high"], bounds)
    return max(bounds.high, low) if match["step"] else low


def _step(text: str | None, part: str, bounds: Bounds) -> int:
    step = 1 if text is None else _number(text, bounds)
    if step == 0:
        raise BadInput(bounds.name, f"{part!r} has a step of 0; the least is 1")
    return step


def _value(text: str, bounds: Bounds) -> int:
    if text.upper() in bounds.names:
        return bounds.names.index(text.upper()) + bounds.low
    value = _number(text, bounds)
    if not bounds.low <= value <= bounds.top:
        raise BadInput(bounds.name, f"{text} is not between {bounds.low} and {bounds.top}")
    return value


def _number(text: str, bounds: Bounds) -> int:
    if text.isdecimal() and len(text) <= _DIGITS_MAX:
        return int(text)
    names = f" or one of {', '.join(bounds.names)}" if bounds.names else ""
    raise BadInput(bounds.name, f"{text!r} is not a whole number{names}")
