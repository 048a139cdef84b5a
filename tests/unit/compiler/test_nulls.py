"""An output is set to null beforehand where it may be read before its node has run, only there."""

import pytest

from dragops.compiler.compile import compile_pattern
from dragops.model.pattern import PatternSpec
from support.patterns import node, pattern, variable, wires
from support.reference.interpreter import interpret
from support.runs import run_program

START, LOG = node("start", "OnStart"), node("log", "Log")
COUNT = (variable("n", "Integer"), node("count", "IncrementVariable", name="n"))
COUNTED = (START, *COUNT, LOG, wires("count.newValue -> log.message"))
NESTED = (
    *(START, LOG, node("rows", "ForEach", collection=[[1, 2], []]), node("cells", "ForEach")),
    wires("start.exec -> rows.exec", "rows.body -> cells.exec", "rows.item -> cells.collection"),
    wires("cells.item -> log.message"),
)
CAUGHT = (
    *(START, LOG, node("try", "TryCatch"), node("no", "ThrowError", message="no")),
    wires("start.exec -> try.exec", "try.error -> log.message"),
)
RETRIED = (
    *(START, LOG, node("again", "Retry", delay=0, maxAttempts=2), node("no", "ThrowError")),
    wires("start.exec -> again.exec", "again.error -> log.message"),
)
NO = '{"type":"ThrownError","message":"%s","nodeId":"no","data":null}'

UNNEEDED = {
    "after its node": (
        pattern("p", *COUNTED, wires("start.exec -> count.exec", "count.exec -> log.exec")),
        ["1"],
    ),
    "in the turns that set it": (
        pattern("p", *NESTED, wires("cells.body -> log.exec")),
        ["1", "2"],
    ),
    "in the handler that sets it": (
        pattern("p", *CAUGHT, wires("try.try -> no.exec", "try.catch -> log.exec")),
        [NO % "no"],
    ),
}
NEEDED = {
    "before its node": (
        pattern("p", *COUNTED, wires("start.exec -> log.exec", "log.exec -> count.exec")),
        [""],
    ),
    "by its node itself": (
        pattern(
            "p",
            *COUNTED,
            wires("start.exec -> count.exec", "count.newValue -> count.amount"),
            wires("count.exec -> log.exec"),
        ),
        ["0"],
    ),
    "after one of two sides": (
        pattern(
            "p",
            *(*COUNTED, node("if", "Branch", condition=False)),
            wires("start.exec -> if.exec", "if.true -> count.exec", "if.false -> log.exec"),
            wires("count.exec -> log.exec"),
        ),
        [""],
    ),
    "after a loop that may have no turn": (
        pattern("p", *NESTED, wires("cells.completed -> log.exec")),
        ["2", ""],
    ),
    "after a handler that may not be entered": (
        pattern("p", *CAUGHT, wires("try.finally -> log.exec")),
        [""],
    ),
    "in the attempt before the failure": (
        pattern("p", *RETRIED, wires("again.body -> log.exec", "log.exec -> no.exec")),
        ["", NO % "Error"],
    ),
    "in a function that joins flows": (
        pattern(
            "p",
            *(*COUNTED, node("both", "Sequence")),
            wires("start.exec -> both.exec", "both.then0 -> log.exec", "both.then1 -> count.exec"),
            wires("count.exec -> log.exec"),
        ),
        ["", "1"],
    ),
}


@pytest.mark.parametrize(("spec", "logged"), UNNEEDED.values(), ids=list(UNNEEDED))
def test_what_is_always_set_first_has_no_null(spec: PatternSpec, logged: list[str]) -> None:
    """A reader of the program need not wonder who reads it unset."""
    program = compile_pattern(spec, name="p")

    assert " = None" not in program.text
    assert run_program(program, {}).texts() == interpret(spec, {}).texts() == logged


@pytest.mark.parametrize(("spec", "logged"), NEEDED.values(), ids=list(NEEDED))
def test_what_may_be_read_unset_is_null(spec: PatternSpec, logged: list[str]) -> None:
    """Reading a node that has not run gives null, and in each turn anew."""
    program = compile_pattern(spec, name="p")

    assert " = None" in program.text
    assert run_program(program, {}).texts() == interpret(spec, {}).texts() == logged
