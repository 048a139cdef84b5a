"""DateTimes and zones: the hands of a zone's clock, and the moments that they stand for.

A DateTime is an instant with an offset, so that whatever a zone gave is fixed to its offset: two
DateTimes that shared a zone would be compared by their hands.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from dragops.errors import BadInput, RunFailure
from dragops.nodes.limits import limit_error
from dragops.schedule.zone import read_zone

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM: Final = 10**11
"""From here on a number is no date in seconds that anybody means: 16 November 5138."""
SECOND: Final = timedelta(seconds=1)
MILLISECOND: Final = timedelta(milliseconds=1)

_MINUTE: Final = timedelta(minutes=1)
_NAME_MAX = 100
_OFFSET: Final = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?",
    re.ASCII,
)


@contextmanager
def within_calendar() -> Iterator[None]:
    """Make a LimitError of a date that the calendar does not hold."""
    try:
        yield
    except OverflowError as exc:
        raise limit_error("a DateTime is of the years 1 to 9999") from exc


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Give the zone of a name, ``UTC`` or an offset such as ``+01:00``; ValueError for others."""
    found = _OFFSET.fullmatch(name)
    if found is not None:
        ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-ahead if found[1] == "-" else ahead)
    if name == "UTC":
        return UTC
    try:
        return read_zone(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}…")
    except BadInput as exc:
        raise ValueError(f"{exc.message}, nor an offset such as +01:00") from exc


def checked_zone(name: str) -> str:
    """Look at a fixed zone: ValueError when there is none of that name; an empty one is unset."""
    if name:
        zone(name)
    return name


def zone_or(name: str, own: tzinfo) -> tzinfo:
    """Give the zone that a run names, or ``own`` where it names none; ParseError for no zone."""
    try:
        return zone(name) if name else own
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc


def offset_of(moment: datetime) -> tzinfo:
    """Give a DateTime's own offset, in whole minutes as ISO 8601 writes it."""
    own = moment.tzinfo
    if isinstance(own, timezone):
        return own
    return timezone((moment.utcoffset() or timedelta(0)) // _MINUTE * _MINUTE)


def fixed(moment: datetime) -> datetime:
    """Give the same instant with its offset in the place of its zone."""
    return moment.astimezone(offset_of(moment))


def seen_in(moment: datetime, where: tzinfo) -> datetime:
    """Give the same instant with the offset that the zone has then."""
    with within_calendar():
        return fixed(moment.astimezone(where))


def at_wall(wall: datetime, where: tzinfo) -> datetime:
    """Give the moment at which the clocks of a zone show ``wall``.

    Of a time that they show twice it is the first; one that they skip moves on by the gap.
    """
    # fold 0 is the offset before a change of clocks
    shown = wall.replace(tzinfo=where, fold=0)
    with within_calendar():
        instant = (wall - (shown.utcoffset() or timedelta(0))).replace(tzinfo=UTC)
    return seen_in(instant, where)


def from_unix(value: float, unit: timedelta) -> datetime:
    """Count units from 1970 on; OverflowError when the calendar ends before."""
    if math.isnan(value):
        raise OverflowError
    return EPOCH + value * unit


def unix_unit(value: float) -> timedelta:
    """Guess whether a number counts seconds or milliseconds."""
    return MILLISECOND if abs(value) >= MILLISECONDS_FROM else SECOND


def read_iso(text: str) -> datetime | None:
    """Read ISO 8601, with or without an offset; None for other texts, ValueError for no date."""
    return datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
