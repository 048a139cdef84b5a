"""The compiler against the reference interpreter, on random graphs."""

from typing import Any

from hypothesis import HealthCheck, given, note, settings

from dragops.compiler.compile import compile_pattern
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program, Trigger
from support.graphs import events, patterns
from support.nested_flows import nested_patterns
from support.patterns import node, pattern, wire
from support.reference.calls import other_pattern
from support.reference.interpreter import interpret
from support.runs import Outcome, run_program

EXAMPLES = settings().max_examples  # of the profile
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@settings(suppress_health_check=SLOW)
@given(spec=patterns(), event=events())
def test_a_compiled_run_is_the_run_of_the_graph(spec: PatternSpec, event: dict[str, Any]) -> None:
    """Log, steps, answers, variables and failure are those of walking the graph."""
    compare(spec, event)


@settings(max_examples=EXAMPLES // 2, suppress_health_check=SLOW)
@given(spec=nested_patterns(), event=events())
def test_nested_flows_run_as_the_graph_does(spec: PatternSpec, event: dict[str, Any]) -> None:
    """Loops, handlers and joins inside each other."""
    compare(spec, event)


def compare(spec: PatternSpec, event: dict[str, Any]) -> None:
    """Run a pattern both ways from each of its triggers, to the end and until it is cancelled."""
    program = compile_pattern(spec, name="random")
    note(program.text)
    for trigger in program.manifest.triggers:
        whole = compare_from(trigger, program, spec, event)
        if whole.slept:
            compare_from(trigger, program, spec, event, cancelled_after=whole.slept[0] / 3)
            compare_from(trigger, program, spec, event, cancelled_after=3.1)


def compare_from(
    trigger: Trigger, program: Program, spec: PatternSpec, event: dict[str, Any], **options: Any
) -> Outcome:
    compiled = run_program(program, event, start=trigger.node_id, called=other_pattern, **options)
    walked = interpret(spec, event, start=trigger.node_id, **options)

    if trigger.settings.get("responseMode") != "LastNode":
        compiled.last = walked.last = None
    assert compiled == walked
    return compiled


def test_a_variable_that_the_environment_lacks_is_an_empty_text_where_one_is_wanted() -> None:
    """Its own value is null, which no text may be added to."""
    spec = pattern(
        "null",
        *(node("hook", "OnStart"), node("log", "Log"), node("both", "Concat", a="x")),
        node("region", "GetEnvironment", name="NOPE"),
        *(wire("hook.exec", "log.exec"), wire("region.value", "both.b")),
        wire("both.result", "log.message"),
    )

    ran = run_program(compile_pattern(spec, name="null"), {})

    assert (ran.failure, ran.texts()) == (None, ["x"])
    assert interpret(spec, {}).texts() == ["x"]
