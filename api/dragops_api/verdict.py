"""What a deploy would say of a pattern: every fault, every warning, and what would start it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dragops.compiler.check import warnings_of
from dragops.errors import Fault, PatternError
from dragops.model.graph_data import spec_of
from dragops.model.pattern import PatternSpec
from dragops_api.definitions import compile_as_seen, declared_in
from dragops_api.schemas.patterns import FaultOut, ValidateIn, Verdict
from dragops_api.schemas.triggers import TriggerOut

Object = dict[str, Any]
Called = Mapping[str, PatternSpec]


async def verdict_on(
    pattern: Object, body: ValidateIn, called: Callable[[PatternSpec], Called]
) -> Verdict:
    """Judge what is stored, or the body's graph in its place; ``called`` finds what it calls."""
    spec = PatternSpec.model_validate(pattern["spec"])
    if body.graph_data is not None:
        old = spec
        spec = spec_of(body.graph_data, title=old.title, description=old.description, tags=old.tags)
    name = pattern["metadata"]["name"]
    return await asyncio.to_thread(_judged, spec, body.node_definitions, name, called(spec))


def _judged(spec: PatternSpec, views: dict[str, Any], name: str, called: Called) -> Verdict:
    faults: tuple[Fault, ...] = ()
    triggers = []
    try:
        program = compile_as_seen(spec, views, name=name, called=called)
        triggers = [TriggerOut(type=t.type, node_id=t.node_id) for t in program.manifest.triggers]
    except PatternError as exc:
        faults = exc.faults
    return Verdict(
        valid=not faults,
        faults=_shown(faults),
        warnings=_shown(warnings_of(spec, declared_in(spec, views))),
        triggers=triggers,
    )


def _shown(faults: Iterable[Fault]) -> list[FaultOut]:
    return [FaultOut.model_validate(fault.as_json()) for fault in faults]
