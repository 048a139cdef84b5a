"""Puts the boxes of a graph into columns, so that links lead to the right; pure, only numbers.

Links that close a circle lead to the left; all others are cut into pieces of one column each.
"""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass

PIECES_MAX = 20_000
"""Of a graph with more, long links are drawn straight: sorting them would take too long."""
Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each item is: boxes have the first numbers, pieces of long links the next ones."""

    column: list[int]
    chains: list[list[int]]
    """For each link the items that it passes, its two boxes included."""


def columns_of(boxes: int, edges: list[Edge], loose: Collection[int]) -> Columns:
    """Give each box a column; ``loose`` ones stand right before the first that reads them."""
    backward = _backward(boxes, edges)
    forward = [edge for edge in dict.fromkeys(edges) if edge not in backward]
    column = _columns(boxes, forward, loose)
    spans = sum(max(column[target] - column[source] - 1, 0) for source, target in edges)
    chains = []
    for source, target in edges:
        between = range(column[source] + 1, column[target]) if spans <= PIECES_MAX else ()
        first = len(column)
        column.extend(between)
        chains.append([source, *range(first, len(column)), target])
    return Columns(column, chains)


def _backward(boxes: int, edges: Iterable[Edge]) -> set[Edge]:
    """Find the edges that close circles, by walking in depth."""
    targets = _targets(boxes, edges)
    found: set[Edge] = set()
    state = [0] * boxes
    for start in range(boxes):
        walk = [(start, iter(targets[start]))] if state[start] == 0 else []
        state[start] = state[start] or 1
        while walk:
            box, rest = walk[-1]
            following = next(rest, None)
            if following is None:
                state[box] = 2
                walk.pop()
            elif state[following] == 0:
                state[following] = 1
                walk.append((following, iter(targets[following])))
            elif state[following] == 1:
                found.add((box, following))
    return found


def _columns(boxes: int, edges: list[Edge], loose: Collection[int]) -> list[int]:
    targets, column = _targets(boxes, edges), [0] * boxes
    waits = [0] * boxes
    for _, target in edges:
        waits[target] += 1
    ready, ordered = deque(box for box in range(boxes) if not waits[box]), []
    while ready:
        box = ready.popleft()
        ordered.append(box)
        for target in targets[box]:
            column[target] = max(column[target], column[box] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    for box in reversed(ordered):
        if box in loose and targets[box]:
            column[box] = min(column[target] for target in targets[box]) - 1
    return column


def _targets(boxes: int, edges: Iterable[Edge]) -> list[list[int]]:
    targets: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in edges:
        targets[source].append(target)
    return targets
