"""What a caller says of the nodes: a view of the catalogue, and declarative nodes of its own.

Only what the graph uses is looked at, as editors send their whole list. A view is compared with the
catalogue, so that a stale editor learns it at deploy; an entry with a request is a declarative
node. What neither the catalogue nor the caller defines is the compiler's to refuse.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ConfigDict

from dragops.compiler.called import call_faults
from dragops.compiler.compile import compile_pattern
from dragops.compiler.views import told_once, view_faults
from dragops.errors import BadInput, Fault, PatternError
from dragops.model.declared import DeclaredNode
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program
from dragops.model.schema import Shape
from dragops.nodes.catalogue import definition
from dragops_api.parsing import parsed

S = TypeVar("S", bound=Shape)
_OPEN = ConfigDict(extra="ignore")


class PinView(Shape):
    """A pin as the caller has it."""

    model_config = _OPEN
    name: str
    type: str


class NodeView(Shape):
    """A node type as the caller has it."""

    model_config = _OPEN
    inputs: tuple[PinView, ...] = ()
    outputs: tuple[PinView, ...] = ()


def declared_in(spec: PatternSpec, views: Mapping[str, Any]) -> dict[str, DeclaredNode]:
    """Read the declarative nodes that the graph uses; BadInput says what in one is none."""
    types = sorted({node.type for node in spec.nodes} & views.keys())
    calls = [type_ for type_ in types if _is_call(type_, views[type_])]
    return {type_: _read(type_, DeclaredNode, views[type_]) for type_ in calls}


def compile_as_seen(
    spec: PatternSpec,
    views: Mapping[str, Any],
    *,
    name: str,
    called: Mapping[str, PatternSpec],
) -> Program:
    """Compile a pattern; PatternError has the compiler's faults and those of the caller's view.

    ``called`` are the patterns that it calls, as far as they are known: the calls must fit.
    """
    declared = declared_in(spec, views)
    mismatches = (*check_definitions(spec, views), *call_faults(spec, called))
    try:
        program = compile_pattern(spec, name=name, declared=declared)
    except PatternError as exc:
        raise PatternError(told_once((*exc.faults, *mismatches))) from exc
    if mismatches:
        raise PatternError(mismatches)
    return program


def check_definitions(spec: PatternSpec, views: Mapping[str, Any]) -> Iterator[Fault]:
    """Find the pins that the graph uses and that the caller has otherwise than the catalogue."""
    types = dict.fromkeys(node.type for node in spec.nodes if node.type in views)
    known = {type_: definition(type_) for type_ in types if not _is_call(type_, views[type_])}
    seen = {
        type_: _read(type_, NodeView, views[type_])
        for type_, found in known.items()
        if found is not None
    }
    return view_faults(spec, seen)


def _is_call(type_: str, view: Any) -> bool:
    if not isinstance(view, dict):
        raise BadInput(f"body.nodeDefinitions.{type_}", "Input should be a valid dictionary")
    return "request" in view


def _read(type_: str, shape: type[S], view: Any) -> S:
    return parsed(shape, view, "body", "nodeDefinitions", type_)
