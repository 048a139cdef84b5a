"""Texts of dates: formats by name or by letters, and what is understood without one.

Nothing is guessed: a text has one of the forms that are written down here, or is refused.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from dragops.errors import RunFailure
from dragops.nodes import date_formats
from dragops.nodes.convert import quoted
from dragops.nodes.json_text import time_text
from dragops.nodes.moments import (
    MILLISECOND,
    SECOND,
    at_wall,
    fixed,
    from_unix,
    read_iso,
    seen_in,
    unix_unit,
    within_calendar,
)
from dragops.nodes.values import instant

_DIGITS: Final = re.compile(r"[+-]?[0-9]{1,1000}")
_DAY: Final = re.compile(r"[0-9]{8}")
_COMPACT: Final = re.compile(
    r"\d{8}T\d\d(?:\d\d(?:\d\d(?:[.,]\d{1,9})?)?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_CLOCK = r"\d\d:\d\d"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# RFC 2822 and the first form of HTTP; then the two forms of HTTP that nobody should write any more
_MAIL: Final = re.compile(
    rf"(?:[a-z]{{3}}, *)?\d\d? +{_MONTH} +\d{{4}} +{_CLOCK}(?::\d\d)?"
    r"(?: +(?:[+-](?:[01]\d|2[0-3])[0-5]\d|UTC?|GMT|Z|[ECMP][SD]T))?(?: +\([^()]*\))?"
    rf"|[a-z]{{6,9}}, \d\d-{_MONTH}-\d\d {_CLOCK}:\d\d GMT"
    rf"|[a-z]{{3}} {_MONTH} [ \d]\d {_CLOCK}:\d\d \d{{4}}",
    re.ASCII | re.IGNORECASE,
)
_LETTERS: Final = {"date": "yyyy-MM-dd", "time": "HH:mm:ss"}


def checked_format(text: str) -> str:
    """Look at a fixed format: ValueError when it is malformed."""
    if text not in _WRITERS:
        try:
            date_formats.read_format(_LETTERS.get(text, text))
        except RunFailure as exc:
            raise ValueError(exc.message) from exc
    return text


def write_date(moment: datetime, format_: str) -> str:
    """Write a DateTime in a format; ParseError for a malformed one."""
    write = _WRITERS.get(format_)
    return write(moment) if write else date_formats.written(moment, _letters(format_))


def read_date(text: str, format_: str, where: tzinfo) -> datetime:
    """Read a date in a format, or without one; ParseError says what is wrong.

    ``where`` counts for a text that has no offset.
    """
    stripped = text.strip()
    try:
        if format_ in _READERS:
            moment = _READERS[format_](stripped)
        else:
            moment = date_formats.read(text, _letters(format_))
    except ValueError as exc:
        in_format = f" in the format {quoted(format_)}" if format_ else ""
        raise RunFailure("ParseError", f"{quoted(text)} is no date{in_format}: {exc}") from exc
    return at_wall(moment, where) if moment.tzinfo is None else fixed(moment)


def _letters(format_: str) -> tuple[date_formats.Part, ...]:
    try:
        return date_formats.read_format(_LETTERS.get(format_, format_))
    except ValueError as exc:
        raise RunFailure("ParseError", f"malformed date format: {exc}") from exc


def _http(moment: datetime) -> str:
    return format_datetime(seen_in(moment, UTC), usegmt=True)


_WRITERS: Final[dict[str, Callable[[datetime], str]]] = {
    "iso": time_text,
    "rfc2822": format_datetime,
    "http": _http,
    "unix": lambda moment: str(instant(moment) // SECOND),
    "unixMs": lambda moment: str(instant(moment) // MILLISECOND),
}


def _read_any(text: str) -> datetime:
    if _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
        return datetime.fromisoformat(text)
    if _DIGITS.fullmatch(text):
        return _read_unix(text, None)
    if _MAIL.fullmatch(text):
        return _read_mail(text)
    moment = read_iso(text)
    if moment is None:
        raise ValueError("write it as 2026-03-05T12:00:00Z, or give its format")
    return moment


def _read_iso(text: str) -> datetime:
    moment = read_iso(text)
    if moment is None:
        raise ValueError("write it as 2026-03-05T12:00:00Z")
    return moment


def _read_mail(text: str) -> datetime:
    if not _MAIL.fullmatch(text):
        raise ValueError("write it as Thu, 05 Mar 2026 12:00:00 +0000")
    # -0000 is a time in UTC, too, of a sender that does not tell its own zone
    return parsedate_to_datetime(text.replace("-0000", "+0000"))


def _read_unix(text: str, unit: timedelta | None) -> datetime:
    if not _DIGITS.fullmatch(text):
        raise ValueError("it must be digits")
    number = int(text)
    with within_calendar():
        return from_unix(number, unit or unix_unit(number))


_READERS: Final[dict[str, Callable[[str], datetime]]] = {
    "": _read_any,
    "iso": _read_iso,
    "rfc2822": _read_mail,
    "http": _read_mail,
    "unix": lambda text: _read_unix(text, SECOND),
    "unixMs": lambda text: _read_unix(text, MILLISECOND),
}
