"""Order in a graph of ids: cycles, and an order in which each comes after what it needs.

Plain data in and out. A cycle is told from its alphabetically first node on, so that the message
is the same whatever order the nodes stand in.
"""

from collections import deque
from collections.abc import Callable, Iterable

Successors = Callable[[str], Iterable[str]]


def after_successors(ids: Iterable[str], successors: Successors) -> list[str]:
    """Give the ids and all that they lead to, each after all of its successors (no cycles)."""
    done: dict[str, None] = {}
    entered: set[str] = set()
    for start in ids:
        todo = [(start, False)]
        while todo:
            node, left = todo.pop()
            if left:
                done[node] = None
            elif node not in entered:
                entered.add(node)
                todo.append((node, True))
                todo.extend((n, False) for n in reversed(list(successors(node))))
    return list(done)


def cycles(ids: Iterable[str], successors: Successors) -> list[list[str]]:
    """Give one shortest cycle for each group of nodes that lie on common cycles."""
    found = []
    for group in _components(ids, successors):
        first = min(group)
        path = _way_back(first, group, successors)
        if path:
            found.append(path)
    return sorted(found)


def reached(starts: Iterable[str], successors: Successors) -> set[str]:
    """Give the starts and everything that they lead to."""
    found = set(starts)
    todo = list(found)
    while todo:
        for node in successors(todo.pop()):
            if node not in found:
                found.add(node)
                todo.append(node)
    return found


def _components(ids: Iterable[str], successors: Successors) -> Iterable[set[str]]:
    # Kosaraju: what reaches each other, in two walks without recursion
    finished: list[str] = after_successors(ids, successors)
    before: dict[str, list[str]] = {node: [] for node in finished}
    for node in finished:
        for successor in successors(node):
            before[successor].append(node)
    taken: set[str] = set()

    def free_before(node: str) -> list[str]:
        return [each for each in before[node] if each not in taken]

    for node in reversed(finished):
        if node not in taken:
            group = reached([node], free_before)
            taken.update(group)
            yield group


def _way_back(first: str, group: set[str], successors: Successors) -> list[str]:
    came_from: dict[str, str] = {}
    todo = deque([first])
    while todo:
        node = todo.popleft()
        for successor in sorted(set(successors(node)) & group):
            if successor == first:
                return _path(came_from, first, node)
            if successor not in came_from:
                came_from[successor] = node
                todo.append(successor)
    return []


def _path(came_from: dict[str, str], first: str, last: str) -> list[str]:
    path = [last]
    while path[-1] != first:
        path.append(came_from[path[-1]])
    return path[::-1]
