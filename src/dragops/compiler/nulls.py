"""Finds which outputs have to be null before their nodes run: those that may be read unset.

Where each reading stands after what sets it, Python needs no null; readers do not either. Nodes are
written once: what a line sets is set for certain from there to the end of its block.
"""

import re
from collections.abc import Iterable

from dragops.compiler.unit import Body, Unit

_Names = frozenset[str]
_WORD = re.compile(r"\w+")
_NULL = re.compile(r"([\w. =]+) = None")
_TURN = re.compile(r"(?:async )?for ([\w, ]+) in (.*)")
_SET = re.compile(r"([\w, *()]+) = (.*)")


def settle_nulls(unit: Unit, main: Body) -> None:
    """Take away the nulls that nobody can read; say which are left to the function's beginning."""
    if not (names := frozenset(unit.variables())):
        return
    inner = (*unit.getters.values(), *unit.flows.values(), *unit.parts.values())
    elsewhere = frozenset().union(*(_of(names, line) for body in inner for line in _lines(body)))
    needed = elsewhere | _unset(_lines(main), names - elsewhere)
    unit.begun = [name for name in unit.variables() if name in needed]
    for out, line, set_ in unit.nulls:
        kept = [name for name in set_ if name not in names or name in needed]
        out.replace(line, " = ".join(set_), " = ".join(kept))
        if not kept:
            out.drop(line)


def _unset(lines: Iterable[str], names: _Names) -> set[str]:
    """Give the names that a line may read before they are set."""
    unset: set[str] = set()
    known: set[str] = set()
    blocks: list[tuple[int, _Names]] = []
    """How deep lines have to stand for what was set to be known."""
    for line in lines:
        depth = len(line) - len(line.lstrip())
        while blocks and blocks[-1][0] > depth:
            known -= blocks.pop()[1]
        if not _of(names, line):
            continue
        if null := _NULL.fullmatch(line, depth):
            known -= _of(names, null[1])
            continue
        turn = _TURN.fullmatch(line, depth)
        found = turn or _SET.fullmatch(line, depth)
        unset |= _of(names, found[2] if found else line) - known
        if found:
            given = _of(names, found[1])
            known |= given
            blocks.append((depth + 1 if turn else depth, given))
    return unset


def _lines(body: Body) -> Iterable[str]:
    return (line for line, _ in body.out.written())


def _of(names: _Names, text: str) -> _Names:
    return names.intersection(_WORD.findall(text))
