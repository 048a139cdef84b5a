"""Moments and durations in the words of people; pure, ``now`` is passed in."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from dragops.errors import BadInput

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def moment_of(text: object) -> datetime | None:
    """Read a time of the API; None for null and for what is no time."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def span(seconds: float) -> str:
    """Say how long in at most two units: ``45s``, ``3m20s``, ``5h``, ``12d``."""
    whole = int(abs(seconds))
    for (size, unit), (below, smaller) in pairwise(_STEPS):
        if whole >= size:
            rest = whole % size // below
            # the second unit matters only while the first is small
            return f"{whole // size}{unit}" + (
                f"{rest}{smaller}" if rest and whole < 10 * size else ""
            )
    return f"{whole}s"


def age(text: object, now: datetime) -> str:
    """Say how long ago a time of the API was; empty for none."""
    moment = moment_of(text)
    return span((now - moment).total_seconds()) if moment else ""


def told(text: object, now: datetime) -> str:
    """Give a time of the API with its distance: ``2026-03-05 12:00:00 UTC (3m ago)``."""
    moment = moment_of(text)
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    away = f"{span(seconds)} ago" if seconds >= 0 else f"in {span(seconds)}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({away})"


def length(milliseconds: object) -> str:
    """Say how long a run took; empty while it goes on."""
    if not isinstance(milliseconds, int | float):
        return ""
    if milliseconds < 1000:
        return f"{milliseconds:g}ms"
    return f"{milliseconds / 1000:.1f}s" if milliseconds < 60_000 else span(milliseconds / 1000)


def duration_of(text: str, name: str) -> timedelta:
    """Read ``90``, ``90s``, ``5m``, ``1h30m``; a bare number is seconds."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise BadInput(name, f"{text!r} is no duration; write it like 90s, 5m or 1h30m")
    return timedelta(seconds=sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts))
