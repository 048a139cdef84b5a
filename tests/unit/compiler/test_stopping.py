"""What goes on while a run is stopped: finally flows, whole, and nothing after them."""

import pytest

from support.patterns import node, pattern, wires
from support.runs import Outcome, run_pattern

START = node("start", "OnStart")


def log(name: str) -> object:
    return node(name, "Log", message=name)


def run(*parts: object, flow: tuple[str, ...]) -> Outcome:
    return run_pattern(pattern("p", START, *parts, wires(*flow)), {})


STOPPED = (
    "start.exec -> outer.exec",
    "outer.try -> stop.exec",
    "outer.finally -> guard.exec",
)


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_block_inside_finally_holds_its_failures_while_the_run_stops(status: str) -> None:
    """A failure that a flow would catch is caught as well when that flow is a finally's."""
    outcome = run(
        *(node("outer", "TryCatch"), node("stop", "StopRun", status=status)),
        *(node("guard", "TryCatch"), node("inner", "TryCatch")),
        *(node("throw", "ThrowError", message="no"), log("caught"), log("after")),
        flow=(
            *STOPPED,
            "guard.try -> inner.exec",
            "inner.finally -> throw.exec",
            "guard.catch -> caught.exec",
            "guard.finally -> after.exec",
        ),
    )

    assert outcome.texts() == ["caught", "after"]
    assert outcome.status == status


def test_a_failure_in_the_finally_of_a_stopped_run_is_only_logged() -> None:
    """The rest of that flow is not run, and the run ends as it was told to."""
    outcome = run(
        *(node("outer", "TryCatch"), node("stop", "StopRun"), log("after")),
        *(node("guard", "ThrowError", message="no"), log("caught")),
        flow=(*STOPPED, "outer.catch -> caught.exec", "outer.finally -> after.exec"),
    )

    assert outcome.logged == [("warn", "dropped: ThrownError: no", "guard")]
    assert outcome.status == "completed"


def test_a_fixed_null_stays_null_where_a_pin_takes_it() -> None:
    """A logarithm without a base is the natural one, whether the null is wired or left away."""
    outcome = run(
        *(node("null", "Null"), node("log-of", "Logarithm", value=1), node("say", "Log")),
        flow=(
            "start.exec -> say.exec",
            "null.value -> log-of.base",
            "log-of.result -> say.message",
        ),
    )

    assert outcome.texts() == ["0"]


@pytest.mark.parametrize("is_held", [True, False])
def test_a_failure_after_a_timeout_under_a_handler_names_its_own_node(is_held: bool) -> None:
    """The Timeout runs in a catch flow, in a function that two flows share."""
    late = ("limit.timedOut -> late.exec",) if is_held else ()
    outcome = run(
        *(node("guard", "TryCatch"), node("limit", "Timeout", seconds=1)),
        *(node("wait", "Delay", duration=9), node("late", "ThrowError", message="late")),
        flow=(
            "start.exec -> guard.exec",
            "guard.try -> limit.exec",
            "guard.catch -> limit.exec",
            "limit.body -> wait.exec",
            *late,
        ),
    )

    assert outcome.failure is not None
    assert outcome.failure["nodeId"] == ("late" if is_held else "limit")
