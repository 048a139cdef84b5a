"""Parallel and For Each Parallel: what runs beside what, whose the outputs are, what fails."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from dragops.compiler.compile import compile_pattern
from dragops.errors import RunFailure, RunStopped
from dragops.nodes.parallel import together
from dragops.nodes.waits import TimeLimit
from support.patterns import node, pattern, variable, wires
from support.runs import Outcome, run_pattern
from support.virtual_time import run_in_virtual_time

START = node("start", "OnStart")


def run(*parts: Any, flow: tuple[str, ...], data: Any = None) -> Outcome:
    return run_pattern(pattern("p", START, *parts, wires(*flow)), {"data": data})


def log(name: str, **values: Any) -> Any:
    return node(name, "Log", **{"message": name, **values})


def branches(*flow: str, **settings: Any) -> Outcome:
    """Run three branches: a waits for 3 s, b for 2, c for 1."""
    waits = [node(f"wait-{n}", "Delay", duration=s) for n, s in (("a", 3), ("b", 2), ("c", 1))]
    return run(
        node("all", "Parallel", **{"count": 3, **settings}),
        *waits,
        *map(log, ("a", "b", "c", "completed", "finally", "caught")),
        *(node(f"throw-{n}", "ThrowError", message=n) for n in "abc"),
        node("guard", "TryCatch"),
        flow=(
            "start.exec -> all.exec",
            "all.branch1 -> wait-b.exec",
            "all.branch2 -> wait-c.exec",
            "all.completed -> completed.exec",
            *flow,
        ),
    )


def test_branches_run_at_the_same_time() -> None:
    """Completed fires when all have ended."""
    outcome = branches(
        "all.branch0 -> wait-a.exec",
        *(f"wait-{n}.exec -> {n}.exec" for n in "abc"),
    )

    assert outcome.texts() == ["c", "b", "a", "completed"]


def test_the_first_failure_cancels_the_other_branches() -> None:
    """Their finally flows run; it is raised, and completed does not fire."""
    outcome = branches(
        "all.branch0 -> guard.exec",
        "guard.try -> wait-a.exec",
        "guard.catch -> caught.exec",
        "guard.finally -> finally.exec",
        "wait-b.exec -> throw-b.exec",
        "wait-c.exec -> c.exec",
    )

    assert outcome.texts() == ["c", "finally"]
    assert outcome.failure == {
        "type": "ThrownError",
        "message": "b",
        "nodeId": "throw-b",
        "data": None,
    }


def test_without_fail_fast_all_branches_end_before_a_failure_is_raised() -> None:
    """That of the lowest number, whichever failed first."""
    outcome = branches(
        "all.branch0 -> wait-a.exec",
        "wait-a.exec -> a.exec",
        "wait-b.exec -> throw-b.exec",
        "wait-c.exec -> throw-c.exec",
        failFast=False,
    )

    assert outcome.texts() == ["a"]
    assert (outcome.failure or {})["message"] == "b"


def test_a_step_limit_stops_every_branch() -> None:
    """It is no failure of one of them."""
    outcome = run(
        node("all", "Parallel", failFast=False),
        node("loop", "ForRange", end=10**9),
        node("wait", "Delay", duration=1),
        *map(log, ("late", "completed")),
        flow=(
            "start.exec -> all.exec",
            "all.branch0 -> wait.exec",
            "wait.exec -> late.exec",
            "all.branch1 -> loop.exec",
            "all.completed -> completed.exec",
        ),
    )

    assert (outcome.failure or {})["type"] == "LimitError"
    assert outcome.texts() == []


def test_outputs_of_branches_can_be_read_afterwards() -> None:
    """And variables are shared."""
    outcome = run(
        variable("sum", "Integer", 1),
        node("all", "Parallel"),
        node("one", "IncrementVariable", name="sum", amount=10),
        node("two", "IncrementVariable", name="sum", amount=100),
        node("text", "Format", template="{one} {two}"),
        node("say", "Log"),
        flow=(
            "start.exec -> all.exec",
            "all.branch0 -> one.exec",
            "all.branch1 -> two.exec",
            "all.completed -> say.exec",
            "one.newValue -> text.one",
            "two.newValue -> text.two",
            "text.result -> say.message",
        ),
    )

    assert outcome.texts() == ["11 111"]
    assert outcome.variables == {"sum": 111}


async def _fails() -> None:
    raise RunFailure("ThrownError", "no")


def test_a_failed_branch_leaves_no_cancellation_behind() -> None:
    """A Timeout around it can still tell its own from the run's."""

    async def main() -> int:
        with suppress(RunFailure):
            await together(_fails, asyncio.Event().wait)  # type: ignore[arg-type]  # ends never
        async with TimeLimit(seconds=1, held=True) as limit:
            await asyncio.sleep(5)
        assert limit.has_passed
        task = asyncio.current_task()
        return task.cancelling() if task else -1

    assert run_in_virtual_time(main()) == 0


def test_what_stops_the_run_wins_over_the_cancellation_of_a_branch() -> None:
    """A finally flow of a branch that is being cancelled may hold a Stop Run."""

    async def stops() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            raise RunStopped("completed", "StopRun", "")

    async def main() -> None:
        async with TimeLimit(seconds=1, held=True):
            await together(stops)

    with pytest.raises(RunStopped):
        run_in_virtual_time(main())


def turns(*flow: str, items: list[Any] | None = None, **settings: Any) -> Outcome:
    """Run a turn for each item, which waits for that many seconds."""
    return run(
        variable("sum", "Integer", 0),
        node("each", "ForEachParallel", **settings),
        node("get", "GetProperty", key="items"),
        node("wait", "Delay"),
        node("up", "IncrementVariable", name="sum"),
        node("text", "Format", template="{index}:{item}:{up}"),
        node("say", "Log"),
        node("none", "Format", template="{index}:{item}:{up}"),
        node("end", "Log"),
        node("small", "LessThan", b=2),
        node("isSmall", "Branch"),
        node("throw", "ThrowError", message="small"),
        node("next", "Continue"),
        flow=(
            "start.exec -> each.exec",
            "start.data -> get.object",
            "get.value -> each.collection",
            "each.item -> wait.duration",
            "each.completed -> end.exec",
            *(
                f"each.{pin} -> {text}.{pin}"
                for pin in ("item", "index")
                for text in ("text", "none")
            ),
            "up.newValue -> text.up",
            "up.newValue -> none.up",
            "text.result -> say.message",
            "none.result -> end.message",
            "each.item -> small.a",
            "small.result -> isSmall.condition",
            *flow,
        ),
        data={"items": [3, 1, 2] if items is None else items},
    )


STRAIGHT = ("each.body -> up.exec", "up.exec -> wait.exec", "wait.exec -> say.exec")


def test_turns_have_outputs_of_their_own() -> None:
    """Item, index and what nodes of the body put out; outside they are null."""
    assert turns(*STRAIGHT).texts() == ["1:1:2", "2:2:3", "0:3:1", "::"]


def test_no_more_turns_run_at_a_time_than_wanted() -> None:
    """They begin in order."""
    assert turns(*STRAIGHT, concurrency=1).texts() == ["0:3:1", "1:1:2", "2:2:3", "::"]
    assert turns(*STRAIGHT, concurrency=2).texts() == ["1:1:2", "0:3:1", "2:2:3", "::"]
    assert turns(*STRAIGHT, items=[]).texts() == ["::"]


@pytest.mark.parametrize(
    ("is_fast", "texts"), [(True, []), (False, ["2:2:2", "0:3:1"])], ids=["fast", "slow"]
)
def test_a_failed_turn_is_raised(is_fast: bool, texts: list[str]) -> None:
    """At once, or when all have ended."""
    outcome = turns(
        "each.body -> isSmall.exec",
        "isSmall.true -> throw.exec",
        "isSmall.false -> up.exec",
        "up.exec -> wait.exec",
        "wait.exec -> say.exec",
        failFast=is_fast,
    )

    assert outcome.texts() == texts
    assert (outcome.failure or {})["nodeId"] == "throw"


def test_continue_ends_one_turn() -> None:
    """The others go on."""
    outcome = turns(
        "each.body -> isSmall.exec",
        "isSmall.true -> next.exec",
        "isSmall.false -> up.exec",
        "up.exec -> wait.exec",
        "wait.exec -> say.exec",
    )

    assert outcome.texts() == ["2:2:2", "0:3:1", "::"]


def test_a_node_of_the_body_that_runs_outside_too_has_outputs_there_and_here() -> None:
    """What it put out before is not seen in a turn, nor the turn's afterwards."""
    outcome = run(
        variable("sum", "Integer", 0),
        node("both", "Sequence"),
        node("each", "ForEachParallel", collection=[1, 2]),
        node("seen", "Log"),
        node("up", "IncrementVariable", name="sum"),
        node("end", "Log"),
        flow=(
            "start.exec -> both.exec",
            "both.then0 -> up.exec",
            "both.then1 -> each.exec",
            "each.body -> seen.exec",
            "seen.exec -> up.exec",
            "each.completed -> end.exec",
            "up.newValue -> seen.message",
            "up.newValue -> end.message",
        ),
    )

    assert outcome.texts() == ["", "", "1"]
    assert outcome.variables == {"sum": 3}


def test_turns_in_turns_see_the_outputs_around_them() -> None:
    """Each inner turn belongs to one of the outer ones."""
    outcome = run(
        node("outer", "ForEachParallel", collection=["a", "b"]),
        node("inner", "ForEachParallel", collection=[1, 2]),
        node("text", "Format", template="{outer}{inner}"),
        node("say", "Log"),
        flow=(
            "start.exec -> outer.exec",
            "outer.body -> inner.exec",
            "inner.body -> say.exec",
            "outer.item -> text.outer",
            "inner.item -> text.inner",
            "text.result -> say.message",
        ),
    )

    assert sorted(outcome.texts()) == ["a1", "a2", "b1", "b2"]


def test_what_a_called_pattern_returns_belongs_to_the_turn() -> None:
    """As the outputs of every node of the body do."""
    spec = pattern(
        "p",
        START,
        node("each", "ForEachParallel", collection=[1]),
        node("call", "CallPattern", pattern="price", outputs=["total", "note"]),
        node("say", "Log"),
        wires("start.exec -> each.exec", "each.body -> call.exec", "call.exec -> say.exec"),
        wires("call.total -> say.message"),
    )

    text = compile_pattern(spec, name="p").text

    assert "turn.call_total, _ = await runs.call_pattern(" in text
    assert "utility.log(ctx, message=turn.call_total)" in text
