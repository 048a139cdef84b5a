"""Gives the items of each column their heights above the ground, so that links run level."""

from collections.abc import Iterable
from dataclasses import dataclass

PASSES = 12


@dataclass(frozen=True, slots=True)
class Pull:
    """A link's part between two items; offsets are those of the pins from the items' tops."""

    left: int
    left_offset: float
    right: int
    right_offset: float
    weight: float = 1.0


def tops_of(columns: list[list[int]], heights: list[float], pulls: list[Pull]) -> list[float]:
    """Give each item's top; items of one column keep their order, and ``heights`` apart."""
    tops = [0.0] * len(heights)
    for items in columns:
        _settle(items, heights, dict.fromkeys(items, (0.0, 1.0)), tops)
    to_left, to_right = _sides(len(heights), pulls)
    for turn in range(PASSES):
        going_right = turn % 2 == 0
        sides = [to_left if going_right else to_right]
        if turn >= PASSES - 2:
            sides = [to_left, to_right]
        for items in columns if going_right else columns[::-1]:
            _settle(items, heights, {i: _wish(i, sides, tops) for i in items}, tops)
    least = min(tops, default=0.0)
    return [top - least for top in tops]


_Side = list[list[tuple[int, float, float]]]
"""For each item: another one, how much lower its top should be, and how much that matters."""


def _sides(items: int, pulls: Iterable[Pull]) -> tuple[_Side, _Side]:
    to_left: _Side = [[] for _ in range(items)]
    to_right: _Side = [[] for _ in range(items)]
    for pull in pulls:
        lower = pull.left_offset - pull.right_offset
        to_left[pull.right].append((pull.left, lower, pull.weight))
        to_right[pull.left].append((pull.right, -lower, pull.weight))
    return to_left, to_right


def _wish(item: int, sides: Iterable[_Side], tops: list[float]) -> tuple[float, float]:
    """Give where an item would like to be, and how much; without neighbours where it is."""
    pulled = [
        (tops[other] + lower, weight) for side in sides for other, lower, weight in side[item]
    ]
    total = sum(weight for _, weight in pulled)
    if not total:
        return tops[item], 0.1
    return sum(top * weight for top, weight in pulled) / total, total


def _settle(
    items: list[int],
    heights: list[float],
    wishes: dict[int, tuple[float, float]],
    tops: list[float],
) -> None:
    """Put items where they wish to be, those that are in each other's way together in the middle.

    What is above takes its height: without it, the wishes must only not fall (isotonic regression).
    """
    blocks: list[tuple[float, float, int]] = []
    above, offsets = 0.0, []
    for item in items:
        offsets.append(above)
        wish, weight = wishes[item]
        mean, count = wish - above, 1
        above += heights[item]
        while blocks and blocks[-1][0] > mean:
            other, other_weight, others = blocks.pop()
            total = weight + other_weight
            mean = (mean * weight + other * other_weight) / total
            weight, count = total, count + others
        blocks.append((mean, weight, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    for item, mean, offset in zip(items, means, offsets, strict=True):
        tops[item] = mean + offset
