"""The computed nodes that evaluate only what they need: one rule each.

Where an input is at hand the rule is one expression; else its lines go into a branch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dragops.compiler.graph import GraphNode

if TYPE_CHECKING:
    from dragops.compiler.reading import Reader

Rule = Callable[["Reader", GraphNode, str], None]


def write_and(reader: Reader, node: GraphNode, name: str) -> None:
    """And: b is read only if a is true."""
    first = reader.read(node, "a")
    if reader.is_at_hand(node, "b"):
        _assign(reader, node, name, f"{first} and {reader.read(node, 'b')}")
    else:
        _assign(reader, node, name, first)
        _branch(reader, node, name, head=f"if {name}", pin="b")


def write_or(reader: Reader, node: GraphNode, name: str) -> None:
    """Or: b is read only if a is false."""
    first = reader.read(node, "a")
    if reader.is_at_hand(node, "b"):
        _assign(reader, node, name, f"{first} or {reader.read(node, 'b')}")
    else:
        _assign(reader, node, name, first)
        _branch(reader, node, name, head=f"if not {name}", pin="b")


def write_coalesce(reader: Reader, node: GraphNode, name: str) -> None:
    """Coalesce: b is read only if a is null."""
    _assign(reader, node, name, reader.read(node, "a"))
    _branch(reader, node, name, head=f"if {name} is None", pin="b")


def write_select(reader: Reader, node: GraphNode, name: str) -> None:
    """Select: only the side that it takes is read."""
    condition = reader.read(node, "condition")
    if reader.is_at_hand(node, "ifTrue") and reader.is_at_hand(node, "ifFalse"):
        sides = (reader.read(node, "ifTrue"), reader.read(node, "ifFalse"))
        _assign(reader, node, name, f"{sides[0]} if {condition} else {sides[1]}")
    else:
        _branch(reader, node, name, head=f"if {condition}", pin="ifTrue")
        _branch(reader, node, name, head="else", pin="ifFalse")


def _assign(reader: Reader, node: GraphNode, name: str, expression: str) -> None:
    reader.body.out.line(f"{name} = {expression}", origin=node.id)


def _branch(reader: Reader, node: GraphNode, name: str, *, head: str, pin: str) -> None:
    with reader.body.out.block(head, origin=node.id), reader.body.branch():
        _assign(reader, node, name, reader.read(node, pin))


LAZY: dict[str, Rule] = {
    "And": write_and,
    "Or": write_or,
    "Coalesce": write_coalesce,
    "Select": write_select,
}
