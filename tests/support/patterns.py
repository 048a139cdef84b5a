"""Builders: `pattern("hello", node("hook", "OnWebhook"), node("log", "Log"), wire(...))`."""

from itertools import pairwise
from typing import Any

from dragops.model.pattern import Node, PatternSpec, Variable, Wire


def node(id_: str, type_: str, *, title: str | None = None, **values: Any) -> Node:
    """A node; keywords are its properties and fixed inputs."""
    return Node(id=id_, type=type_, title=title, values=values)


def wire(source: str, target: str) -> Wire:
    """A wire from `<node>.<output>` to `<node>.<input>`."""
    return Wire(from_=source, to=target)


def wires(*texts: str) -> tuple[Wire, ...]:
    """Several wires, each `a.exec -> b.exec`."""
    return tuple(wire(*text.split(" -> ")) for text in texts)


def variable(name: str, type_: str, default: Any = None) -> Variable:
    """A variable of the pattern."""
    return Variable.model_validate({"name": name, "type": type_, "default": default})


def pattern(title: str, *parts: Node | Wire | Variable | tuple[Wire, ...]) -> PatternSpec:
    """A pattern of nodes, wires and variables, in any order."""
    flat = [p for part in parts for p in (part if isinstance(part, tuple) else (part,))]
    return PatternSpec(
        title=title,
        nodes=tuple(p for p in flat if isinstance(p, Node)),
        wires=tuple(p for p in flat if isinstance(p, Wire)),
        variables=tuple(p for p in flat if isinstance(p, Variable)),
    )


def chain(*ids: str) -> tuple[Wire, ...]:
    """Exec wires from each node to the next."""
    return tuple(wire(f"{a}.exec", f"{b}.exec") for a, b in pairwise(ids))
