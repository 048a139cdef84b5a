"""Loops, and what leaves them: told by the log of a run, in the catalogue's words."""

from typing import Any

import pytest

from support.patterns import node, pattern, variable, wires
from support.runs import Outcome, run_pattern

START = node("start", "OnStart")
BODY = ("start.exec -> loop.exec", "loop.body -> say.exec", "loop.completed -> end.exec")
ENDS = (node("say", "Log"), node("end", "Log"))


def run(*parts: Any, flow: tuple[str, ...], data: Any = None) -> Outcome:
    return run_pattern(pattern("p", START, *parts, wires(*flow)), {"data": data})


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ({"end": 3}, ["0", "1", "2", "2"]),
        ({"start": 2, "end": 4}, ["2", "3", "3"]),
        ({"start": 1, "end": 5, "step": 2, "inclusive": True}, ["1", "3", "5", "5"]),
        ({"start": 1, "end": 6, "step": 2, "inclusive": True}, ["1", "3", "5", "5"]),
        ({"start": 2, "end": 0, "step": -1}, ["2", "1", "1"]),
        ({"start": 2, "end": 0, "step": -1, "inclusive": True}, ["2", "1", "0", "0"]),
        ({"start": 3, "end": 3}, [""]),
        ({"start": 3, "end": 3, "inclusive": True}, ["3", "3"]),
        ({"start": 2, "end": 9, "step": -1}, [""]),
        ({"start": 2**70, "end": 2**70 + 1}, [str(2**70), str(2**70)]),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_wired", [False, True], ids=["fixed", "by wire"])
def test_for_range_counts(values: dict[str, Any], texts: list[str], is_wired: bool) -> None:
    """From start by step, while before end; afterwards index is the last one, or null."""
    flow, parts, fixed = [*BODY, "loop.index -> say.message", "loop.index -> end.message"], [], {}
    for name, value in values.items():
        if (is_wired or value > 2**64) and name != "inclusive":
            parts.append(node(f"get-{name}", "GetProperty", key=name))
            flow += [f"start.data -> get-{name}.object", f"get-{name}.value -> loop.{name}"]
        else:
            fixed[name] = value

    outcome = run(node("loop", "ForRange", **fixed), *parts, *ENDS, flow=tuple(flow), data=values)

    assert outcome.texts() == texts


@pytest.mark.parametrize(
    ("type_", "pin", "value", "failure"),
    [("ForRange", "step", 0, "MathError"), ("ForEachBatch", "size", 0, "LimitError")],
)
def test_a_loop_that_would_not_move_fails(type_: str, pin: str, value: int, failure: str) -> None:
    """When the value arrives by wire; a fixed one is refused before."""
    given = {"end": 3} if type_ == "ForRange" else {"collection": [1]}
    outcome = run(
        node("loop", type_, **given),
        node("get", "GetProperty", key="v"),
        flow=(
            "start.exec -> loop.exec",
            "start.data -> get.object",
            f"get.value -> loop.{pin}",
        ),
        data={"v": value},
    )

    assert outcome.failure is not None
    assert (outcome.failure["type"], outcome.failure["nodeId"]) == (failure, "loop")


@pytest.mark.parametrize(
    ("items", "size", "texts"),
    [
        ([1, 2, 3], 2, ["0[1,2]", "1[3]", "1[3]"]),
        ([1, 2], 2, ["0[1,2]", "0[1,2]"]),
        ([1], 9, ["0[1]", "0[1]"]),
        ([], 2, [""]),
    ],
)
def test_for_each_batch_gives_pieces(items: list[int], size: int, texts: list[str]) -> None:
    """Of up to size items; index counts the pieces."""
    outcome = run(
        node("loop", "ForEachBatch", collection=items, size=size),
        node("text", "Format", template="{index}{batch}"),
        *ENDS,
        flow=(
            *BODY,
            "loop.batch -> text.batch",
            "loop.index -> text.index",
            "text.result -> say.message",
            "text.result -> end.message",
        ),
    )

    assert outcome.texts() == texts


WHILE = (
    variable("count", "Integer", 0),
    node("get", "GetVariable", name="count"),
    node("small", "LessThan", b=2),
    node("up", "IncrementVariable", name="count"),
)
WHILE_FLOW = (
    "start.exec -> loop.exec",
    "get.value -> small.a",
    "small.result -> loop.condition",
    "loop.body -> up.exec",
    "loop.completed -> end.exec",
    "loop.index -> end.message",
)


def test_while_reads_its_condition_before_each_turn() -> None:
    """Index is the number of the last turn."""
    outcome = run(*WHILE, node("loop", "While"), node("end", "Log"), flow=WHILE_FLOW)

    assert outcome.variables["count"] == 2
    assert outcome.texts() == ["1"]


def test_while_without_a_turn_leaves_index_null() -> None:
    """Also when it is run for the second time."""
    outcome = run(
        *WHILE,
        node("twice", "ForRange", end=2),
        node("loop", "While"),
        node("end", "Log"),
        flow=("start.exec -> twice.exec", "twice.body -> loop.exec", *WHILE_FLOW[1:]),
    )

    assert outcome.texts() == ["1", ""]


@pytest.mark.parametrize(("most", "failure"), [(2, None), (1, "LimitError")])
def test_while_takes_no_more_than_its_turns(most: int, failure: str | None) -> None:
    """One turn more is a LimitError of the loop; the condition may end it right at the limit."""
    outcome = run(*WHILE, node("loop", "While", maxTurns=most), node("end", "Log"), flow=WHILE_FLOW)

    assert (outcome.failure or {}).get("type") == failure
    assert (outcome.failure or {"nodeId": "loop"})["nodeId"] == "loop"
    assert outcome.variables["count"] == most


LOOPS: list[tuple[str, dict[str, Any]]] = [
    ("ForEach", {"collection": [0, 1, 2, 3]}),
    ("ForEachBatch", {"collection": [0, 1, 2, 3], "size": 1}),
    ("ForRange", {"end": 4}),
    ("While", {"condition": True, "maxTurns": 4}),
]


@pytest.mark.parametrize(("type_", "values"), LOOPS, ids=[type_ for type_, _ in LOOPS])
@pytest.mark.parametrize(
    ("jump", "texts"), [("Break", ["0", "end"]), ("Continue", ["0", "2", "3", "end"])]
)
def test_a_jump_leaves_the_turn(
    type_: str, values: dict[str, Any], jump: str, texts: list[str]
) -> None:
    """Break ends the loop, whose completed fires; Continue only the turn."""
    outcome = run(
        node("loop", type_, **values),
        node("one", "Equal", b=1),
        node("isOne", "Branch"),
        node("jump", jump),
        node("say", "Log"),
        node("end", "Log", message="end"),
        node("never", "Log", message="never"),
        # While fails at its limit if nothing ends it
        node("guard", "TryCatch"),
        flow=(
            "start.exec -> guard.exec",
            "guard.try -> loop.exec",
            "guard.finally -> end.exec",
            "loop.body -> isOne.exec",
            "loop.body -> say.exec",
            "loop.index -> one.a",
            "one.result -> isOne.condition",
            "isOne.true -> jump.exec",
            "isOne.true -> never.exec",
            "loop.index -> say.message",
        ),
    )

    assert [text for text in outcome.texts() if not text.startswith("dropped")] == texts


def jumping(jump: str, *flow: str) -> Outcome:
    """Run two loops, one in the other, with a jump at the second of the inner items."""
    return run(
        node("outer", "ForEach", collection=["x", "y"]),
        node("inner", "ForEach", collection=["a", "b", "c"]),
        node("isB", "Equal", b="b"),
        node("which", "Branch"),
        node("jump", jump),
        node("join", "Log", message="join"),
        node("guard", "TryCatch"),
        node("last", "Log", message="last"),
        node("text", "Format", template="{outer}{inner}"),
        node("say", "Log"),
        node("end", "Log", message="end"),
        flow=(
            "start.exec -> outer.exec",
            "outer.body -> inner.exec",
            "outer.completed -> end.exec",
            "inner.item -> isB.a",
            "isB.result -> which.condition",
            "outer.item -> text.outer",
            "inner.item -> text.inner",
            "text.result -> say.message",
            *flow,
        ),
    )


def test_a_jump_acts_on_the_innermost_loop() -> None:
    """The outer one goes on."""
    outcome = jumping("Break", "inner.body -> which.exec", "which.true -> jump.exec",
                      "which.false -> say.exec")  # fmt: skip

    assert outcome.texts() == ["xa", "ya", "end"]


@pytest.mark.parametrize(
    ("jump", "texts"),
    [("Break", ["xa", "join", "join", "end"]),
     ("Continue", ["xa", "join", "xc", "join", "ya", "join", "yc", "join", "end"])],
)  # fmt: skip
def test_a_jump_may_be_in_a_flow_that_several_places_lead_to(jump: str, texts: list[str]) -> None:
    """It acts on the innermost loop of whoever came there."""
    outcome = jumping(
        jump,
        "inner.body -> which.exec",
        "which.false -> say.exec",
        "which.true -> join.exec",
        "inner.completed -> join.exec",
        "join.exec -> jump.exec",
    )

    assert outcome.texts() == texts


@pytest.mark.parametrize("pin", ["try", "catch"])
def test_finally_runs_before_a_jump_leaves_its_block(pin: str) -> None:
    """From the flow that is tried and from the one that catches."""
    flows = {
        "try": ("guard.try -> jump.exec",),
        "catch": ("guard.try -> throw.exec", "guard.catch -> jump.exec"),
    }
    outcome = run(
        node("loop", "ForRange", end=3),
        node("guard", "TryCatch"),
        node("throw", "ThrowError"),
        node("jump", "Break"),
        *ENDS,
        flow=(
            "start.exec -> loop.exec",
            "loop.body -> guard.exec",
            *flows[pin],
            "guard.finally -> say.exec",
            "loop.index -> say.message",
            "loop.completed -> end.exec",
        ),
    )

    assert outcome.texts() == ["0", ""]


def test_a_jump_out_of_finally_ends_the_loop() -> None:
    """What follows a block hangs on its finally, so this is how a guarded turn ends a loop."""
    outcome = run(
        node("loop", "ForRange", end=3),
        node("guard", "TryCatch"),
        node("jump", "Break"),
        *ENDS,
        flow=(
            "start.exec -> loop.exec",
            "loop.body -> guard.exec",
            "guard.try -> say.exec",
            "guard.finally -> jump.exec",
            "loop.completed -> end.exec",
        ),
    )

    assert outcome.steps == ["loop", "guard", "say", "jump", "end"]


def test_a_run_that_must_stop_is_not_kept_by_a_jump_out_of_finally() -> None:
    """The step limit is the run's; a loop that leaves its finally by Break does not pass it."""
    outcome = run(
        node("outer", "ForRange", end=3),
        node("loop", "While", condition=True, maxTurns=1_000_000),
        node("guard", "TryCatch"),
        node("jump", "Break"),
        *ENDS,
        flow=(
            "start.exec -> outer.exec",
            "outer.body -> guard.exec",
            "guard.try -> loop.exec",
            "loop.body -> say.exec",
            "guard.finally -> jump.exec",
            "outer.completed -> end.exec",
        ),
    )

    assert outcome.failure is not None
    assert outcome.failure["type"] == "LimitError"
    assert "end" not in outcome.steps
