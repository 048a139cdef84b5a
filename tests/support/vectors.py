"""Golden next times: a table whose last column is the judge's."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parents[1] / "data" / "schedules" / "next_times.txt"
COUNT = 3
"""How many times a line has, unless five years hold fewer."""


class Vector(NamedTuple):
    """One line."""

    zone: str
    rule: str
    after: datetime
    times: tuple[datetime, ...]


def vectors() -> list[Vector]:
    """Read every line of the table."""
    return [_read(line) for line in _lines() if _is_vector(line)]


def rewrite(answer: Callable[[Vector], Iterator[datetime]]) -> None:
    """Write the last column anew; comments and order stay."""
    PATH.write_text("\n".join(_written(line, answer) for line in _lines()) + "\n")


def _lines() -> list[str]:
    return PATH.read_text().splitlines()


def _is_vector(line: str) -> bool:
    return bool(line) and not line.startswith("#")


def _read(line: str) -> Vector:
    zone, rule, after, times = (part.strip() for part in line.split("|"))
    moments = tuple(datetime.fromisoformat(each) for each in times.split())
    return Vector(zone, rule, datetime.fromisoformat(after), moments)


def _written(line: str, answer: Callable[[Vector], Iterator[datetime]]) -> str:
    if not _is_vector(line):
        return line
    times = (each.isoformat().replace("+00:00", "Z") for each in answer(_read(line)))
    return " | ".join([*(part.strip() for part in line.split("|")[:3]), " ".join(times)]).rstrip()
