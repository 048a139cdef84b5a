"""Formats of dates by letters, ``EEE d MMM yyyy``: written, and read back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

from dragops.nodes.limits import PATH_MAX, limit_error

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOKEN: Final = re.compile(
    r"(?P<apostrophe>'')|'(?P<quoted>(?:[^']|'')+)'|(?P<letters>([A-Za-z])\4*)|(?P<plain>[^A-Za-z']+)|'"
)


class Part(NamedTuple):
    """A piece of a format: letters that stand for a part of the date, or text as it is."""

    letters: str
    text: str


class _Letters(NamedTuple):
    field: str
    write: Callable[[datetime], str]
    pattern: re.Pattern[str]
    read: Callable[[str], int]


def _number(field: str, width: int, digits: str, part: Callable[[datetime], int]) -> _Letters:
    pattern = re.compile(f"[0-9]{{{digits}}}")
    return _Letters(field, lambda moment: f"{part(moment):0{width}}", pattern, int)


def _name(
    field: str, names: tuple[str, ...], part: Callable[[datetime], int], first: int
) -> _Letters:
    lower = [name.lower() for name in names]
    return _Letters(
        field,
        lambda moment: names[part(moment)],
        re.compile("|".join(names), re.IGNORECASE),
        lambda text: lower.index(text.lower()) + first,
    )


def offset_text(moment: datetime) -> str:
    """Write the offset: ``+01:00``, or ``Z`` for none."""
    minutes = (moment.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else "Z"


def _read_offset(text: str) -> int:
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:])
    return -minutes if text[0] == "-" else minutes


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[:3] for name in names)


_LETTERS: Final = {
    "yyyy": _number("year", 4, "4", lambda at: at.year),
    "yy": _number("century", 2, "2", lambda at: at.year % 100),
    "MMMM": _name("month", _MONTHS, lambda at: at.month - 1, 1),
    "MMM": _name("month", _short(_MONTHS), lambda at: at.month - 1, 1),
    "MM": _number("month", 2, "2", lambda at: at.month),
    "M": _number("month", 1, "1,2", lambda at: at.month),
    "dd": _number("day", 2, "2", lambda at: at.day),
    "d": _number("day", 1, "1,2", lambda at: at.day),
    "EEEE": _name("weekday", _DAYS, lambda at: at.weekday(), 0),
    "EEE": _name("weekday", _short(_DAYS), lambda at: at.weekday(), 0),
    "HH": _number("hour", 2, "2", lambda at: at.hour),
    "H": _number("hour", 1, "1,2", lambda at: at.hour),
    "hh": _number("hour12", 2, "2", lambda at: at.hour % 12 or 12),
    "h": _number("hour12", 1, "1,2", lambda at: at.hour % 12 or 12),
    "mm": _number("minute", 2, "2", lambda at: at.minute),
    "m": _number("minute", 1, "1,2", lambda at: at.minute),
    "ss": _number("second", 2, "2", lambda at: at.second),
    "s": _number("second", 1, "1,2", lambda at: at.second),
    "SSS": _number("millisecond", 3, "3", lambda at: at.microsecond // 1000),
    "a": _name("half", ("AM", "PM"), lambda at: at.hour // 12, 0),
    "XXX": _Letters(
        "offset",
        offset_text,
        re.compile(r"Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"),
        _read_offset,
    ),
}


@lru_cache(maxsize=256)
def read_format(text: str) -> tuple[Part, ...]:
    """Split a format into its parts; ValueError says what is no letter of it."""
    if len(text) > PATH_MAX:
        raise limit_error(f"a date format has {PATH_MAX} characters")
    parts = []
    for found in _TOKEN.finditer(text):
        letters = found["letters"] or ""
        if letters and letters not in _LETTERS:
            known = " ".join(_LETTERS)
            raise ValueError(f"{letters[:20]!r} is none of {known}: put text into '...'")
        if found[0] == "'":
            raise ValueError(
                f"the ' at character {found.start()} is not closed: '' is an apostrophe"
            )
        quoted = (found["quoted"] or "").replace("''", "'")
        parts.append(Part(letters, found["plain"] or quoted or "'" * bool(found["apostrophe"])))
    return tuple(parts)


def written(moment: datetime, parts: tuple[Part, ...]) -> str:
    """Write a DateTime."""
    return "".join(
        _LETTERS[part.letters].write(moment) if part.letters else part.text for part in parts
    )


def read(text: str, parts: tuple[Part, ...]) -> datetime:
    """Read the whole of a text, without time zone unless it has an offset; ValueError if it fails.

    Each part takes as many digits as it may, so that no text leads back and forth.
    """
    fields: dict[str, int] = {}
    at = 0
    for part in parts:
        if not part.letters:
            if not text.startswith(part.text, at):
                raise ValueError(f"{part.text[:100]!r} is missing at character {at}")
            at += len(part.text)
            continue
        letters = _LETTERS[part.letters]
        found = letters.pattern.match(text, at)
        if found is None:
            raise ValueError(f"there is no {part.letters} at character {at}")
        at = found.end()
        value = letters.read(found[0])
        if fields.setdefault(letters.field, value) != value:
            raise ValueError(f"it has two values for {letters.field}")
    if at < len(text):
        raise ValueError(f"it goes on at character {at}")
    return _moment(fields)


def _moment(fields: dict[str, int]) -> datetime:
    year = fields.get("year", fields["century"] + 2000 if "century" in fields else 1970)
    wall = datetime(
        year,
        fields.get("month", 1),
        fields.get("day", 1),
        _hour(fields),
        fields.get("minute", 0),
        fields.get("second", 0),
        fields.get("millisecond", 0) * 1000,
    )
    if "offset" not in fields:
        return wall
    return wall.replace(tzinfo=timezone(timedelta(minutes=fields["offset"])))


def _hour(fields: dict[str, int]) -> int:
    if "hour" in fields or "hour12" not in fields:
        return fields.get("hour", 0)
    if not 1 <= fields["hour12"] <= 12:
        raise ValueError("hour must be in 1..12")
    return fields["hour12"] % 12 + 12 * fields.get("half", 0)
