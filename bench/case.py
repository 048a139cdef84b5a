"""A case measures one thing and gives a table; ``@case`` puts it on the list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

CELL: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often to measure; medians are taken over ``repeat`` rounds."""

    seconds: int = 30
    repeat: int = 5


@dataclass(frozen=True, slots=True)
class Table:
    """What a case has measured."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[CELL]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """Give the table as Markdown."""
        lines = [f"## {self.title}", "", _row(self.head), _row(["---"] * len(self.head))]
        lines += [_row([_shown(cell) for cell in row]) for row in self.rows]
        return "\n".join([*lines, "", *self.notes, ""])


Case = Callable[[Options], Table]
CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Put a case on the list under this name."""

    def listed(function: Case) -> Case:
        CASES[name] = function
        return function

    return listed


def medians(rounds: Iterable[Sequence[float]]) -> list[float]:
    """Give the median of each column."""
    return [median(column) for column in zip(*rounds, strict=True)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(cell: CELL) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}"
    return str(cell)
