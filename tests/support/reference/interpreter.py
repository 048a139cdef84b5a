"""The reference interpreter: runs a pattern as the catalogue tells it, without compiling it.

It shares the checked graph, the node functions and the conversions with the compiler, and nothing
of how flows are found. Written from the catalogue's words, never from what the compiler makes.
"""

from typing import Any

from dragops.compiler.check import checked
from dragops.model.pattern import PatternSpec
from dragops.nodes.convert import CONVERSIONS
from support.context import RecordingContext
from support.reference.calls import other_pattern
from support.reference.ends import run_from
from support.reference.outputs import Outputs
from support.reference.rules import RULES
from support.reference.walk import Walk
from support.runs import Outcome, outcome_of


def interpret(
    spec: PatternSpec,
    event: dict[str, Any],
    *,
    start: str | None = None,
    cancelled_after: float | None = None,
) -> Outcome:
    """Run a pattern from the trigger `start`, or the first one."""
    graph = checked(spec)
    types = {v.name: CONVERSIONS[v.type] for v in spec.variables}
    ctx = RecordingContext(graph.variables, lambda exc: getattr(exc, "node", None))
    ctx.called = other_pattern
    walk = Walk(graph, ctx, types, RULES, Outputs())
    trigger = graph.nodes[start] if start else graph.events()[0]
    walk.outputs.put(trigger.id, event)
    return outcome_of(ctx, lambda: run_from(walk, trigger), cancelled_after=cancelled_after)
