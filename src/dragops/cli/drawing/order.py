"""Sorts the items of each column so that few links cross; pure, only numbers."""

from bisect import bisect_right, insort
from dataclasses import dataclass

SWEEPS, SWEEPS_OF_MANY, MANY = 16, 4, 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a link from one column to the next; pins are fractions of their box's height."""

    left: int
    left_pin: float
    right: int
    right_pin: float


def ordered(column: list[int], pieces: list[Piece]) -> list[list[int]]:
    """Give the items of each column from top to bottom."""
    columns: list[list[int]] = [[] for _ in range(max(column, default=-1) + 1)]
    for item, at in enumerate(column):
        columns[at].append(item)
    to_left, to_right = _neighbours(len(column), pieces)
    best, fewest = [list(items) for items in columns], _crossings(columns, to_right)
    for sweep in range(SWEEPS if len(column) < MANY else SWEEPS_OF_MANY):
        going_right = sweep % 2 == 0
        _sort(columns if going_right else columns[::-1], to_left if going_right else to_right)
        crossings = _crossings(columns, to_right)
        if crossings < fewest:
            best, fewest = [list(items) for items in columns], crossings
    return best


_Neighbours = list[list[tuple[int, float, float]]]
"""For each item: the other item, the fraction of its pin, and of the item's own."""


def _neighbours(items: int, pieces: list[Piece]) -> tuple[_Neighbours, _Neighbours]:
    to_left: _Neighbours = [[] for _ in range(items)]
    to_right: _Neighbours = [[] for _ in range(items)]
    for piece in pieces:
        to_left[piece.right].append((piece.left, piece.left_pin, piece.right_pin))
        to_right[piece.left].append((piece.right, piece.right_pin, piece.left_pin))
    return to_left, to_right


def _sort(columns: list[list[int]], towards: _Neighbours) -> None:
    """Sort each column but the first by where the items' neighbours are."""
    place: dict[int, float] = {item: at for at, item in enumerate(columns[0])} if columns else {}
    for items in columns[1:]:
        wish = {item: float(at) for at, item in enumerate(items)}
        for item in items:
            if known := [place[other] + pin for other, pin, _ in towards[item] if other in place]:
                wish[item] = sum(known) / len(known)
        items.sort(key=wish.__getitem__)
        place.update((item, at) for at, item in enumerate(items))


def _crossings(columns: list[list[int]], to_right: _Neighbours) -> int:
    place = {item: at for items in columns for at, item in enumerate(items)}
    count = 0
    for items in columns:
        ends: list[float] = []
        for item in items:
            leaving = sorted((own, place[other] + pin) for other, pin, own in to_right[item])
            for _, end in leaving:
                count += len(ends) - bisect_right(ends, end)
                insort(ends, end)
    return count
