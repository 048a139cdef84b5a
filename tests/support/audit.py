"""Looks at a compiled program as a stranger would: whose words are in it, and what they can do."""

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from dragops.compiler.check import checked
from dragops.compiler.graph import Graph
from dragops.errors import RunFailure
from dragops.model.declared import NOTHING, Declared
from dragops.model.pattern import PatternSpec
from dragops.model.pin import PinType
from dragops.model.program import RUNTIME
from dragops.nodes import declared as declared_nodes
from dragops.nodes import flow, loops, parallel, retrying, runs, waits
from dragops.nodes.catalogue import all_definitions
from dragops.nodes.context import Context
from dragops.nodes.convert import CONVERSIONS, to_string
from dragops.nodes.definition import python_name

_NAME = re.compile(r"[a-z_][a-z0-9_]*|[A-Z][A-Z0-9_]*")
_TABLE = {"members", "timeout", "failOnError", "outputs", "response", "basicAuth", "oauth2"}
"""Keys of the table that a definition becomes, beside those that it has."""
_BUILTINS = frozenset({"enumerate", "Exception", "next", "range"})


def audit(text: str, spec: PatternSpec, *, name: str, declared: Declared = NOTHING) -> None:
    """Fail unless all names in a program are ours, and all texts in it are the author's or ours."""
    tree = ast.parse(text)
    bound, used = set(_bound(tree)), set(_used(tree))
    strange = {name for name in bound | used if not _NAME.fullmatch(name) and name not in _BUILTINS}
    assert not strange
    assert not {name for name in bound if keyword.iskeyword(name) or name in dir(builtins)}
    assert used - bound <= _BUILTINS
    assert set(_attributes(tree)) <= _known_attributes()
    known = set(_texts_of(checked(spec, declared))) | _TABLE
    known.add(f"{spec.title.strip() or name}: compiled by DragOps, runtime {RUNTIME}.")
    known |= {word for each in declared.values() for word in _inside(each.as_json())}
    assert {text for text in _constants(tree) if text not in known} == set()


def _bound(tree: ast.Module) -> Iterator[str]:
    for part in ast.walk(tree):
        match part:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(value=ast.Name(id="turn"), attr=name):
                yield name  # an output that belongs to a turn
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name


def _used(tree: ast.Module) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Name):
            yield part.id


def _attributes(tree: ast.Module) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") != "turn":
            yield part.attr
        elif isinstance(part, ast.ImportFrom):
            assert part.module in _MODULES, part.module


_MODULES = {"datetime", "dragops.nodes", "dragops.nodes.convert"}


def _known_attributes() -> set[str]:
    known = {name for name in dir(Context) if not name.startswith("_")}
    known |= {"get", "fromisoformat", "failure", "has_failed", "has_passed"}
    for module in (flow, loops, parallel, retrying, runs, waits, declared_nodes):
        known |= set(_defined_by(module))
    for definition in all_definitions():
        known |= {python_name(pin.name) for pin in definition.outputs}
        if definition.function:
            known.add(definition.function.__name__)
    return known


def _defined_by(module: ModuleType) -> Iterator[str]:
    for name, part in vars(module).items():
        if getattr(part, "__module__", "") == module.__name__:
            yield name
            if isinstance(part, type):
                yield from (each for each in dir(part) if not each.startswith("_"))


def _constants(tree: ast.Module) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _texts_of(graph: Graph) -> Iterator[str]:
    """Give every text that a program of this graph may hold."""
    yield from PinType
    yield from _inside(graph.variables)
    for node in graph.nodes.values():
        yield node.id
        yield from _inside([node.settings, node.values, node.constant])
        for pin in (*node.inputs.values(), *node.outputs.values()):
            yield pin.name
            yield from _inside([pin.default, pin.key])
        yield from map(python_name, node.settings)
        for value in (node.constant, *node.values.values()):
            yield from _converted(value)


def _converted(value: Any) -> Iterator[str]:
    # a literal is converted when it is written
    for convert in CONVERSIONS.values():
        try:
            yield from _inside(convert(value, ""))
        except RunFailure:
            continue


def _inside(value: Any) -> Iterable[str]:
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += [*each, *each.values()]
        elif isinstance(each, list | tuple):
            todo += each
        elif each is not None and not isinstance(each, bytes):
            yield each.isoformat() if hasattr(each, "isoformat") else to_string(each, "")
