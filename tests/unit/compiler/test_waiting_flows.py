"""Delay, Retry and Timeout: told by the log of a run and by how long it waited."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.context import Context
from dragops.nodes.retrying import Attempts
from dragops.nodes.waits import TimeLimit
from support.context import RecordingContext
from support.patterns import node, pattern, variable, wires
from support.runs import Outcome, run_pattern
from support.virtual_time import run_in_virtual_time

START = node("start", "OnStart")


def run(*parts: Any, flow: tuple[str, ...], data: Any = None) -> Outcome:
    return run_pattern(pattern("p", START, *parts, wires(*flow)), {"data": data})


def log(name: str, **values: Any) -> Any:
    return node(name, "Log", **{"message": name, **values})


@pytest.mark.parametrize(
    ("values", "slept"),
    [
        ({}, [1]),
        ({"duration": 250, "unit": "milliseconds"}, [0.25]),
        ({"duration": 1.5, "unit": "minutes"}, [90]),
        ({"duration": 2, "unit": "hours"}, [7200]),
        ({"duration": 0}, []),
        ({"duration": -3}, []),
        ({"duration": f"-{10**400}", "unit": "milliseconds"}, []),
        ({"duration": 9, "until": "2026-03-05T12:00:30Z"}, [30]),
        ({"duration": 9, "until": "2026-03-05T11:59:00Z"}, []),
    ],
)
def test_delay_waits(values: dict[str, Any], slept: list[float]) -> None:
    """Until wins over duration; what is past is not waited for."""
    flow = ("start.exec -> wait.exec", "wait.exec -> end.exec")
    outcome = run(node("wait", "Delay", **values), log("end"), flow=flow)

    assert (outcome.slept, outcome.texts()) == (slept, ["end"])


RETRY_FLOW = (
    "start.exec -> again.exec",
    "again.body -> up.exec",
    "up.exec -> say.exec",
    "up.newValue -> share.b",
    "share.result -> say.message",
    "again.completed -> good.exec",
    "again.failed -> bad.exec",
    "again.attempt -> text.attempt",
    "again.error -> text.error",
    "text.result -> good.message",
    "text.result -> bad.message",
)


def retry(first: int, *, flow: tuple[str, ...] = RETRY_FLOW, **settings: Any) -> Outcome:
    """Divide by first + 1, first + 2 ... at each attempt: it fails at zero."""
    return run(
        variable("count", "Integer", first),
        node("again", "Retry", **{"jitter": False, **settings}),
        node("up", "IncrementVariable", name="count"),
        node("share", "Divide", a=1),
        node("say", "Log"),
        node("text", "Format", template="{attempt} {error.type} {error.nodeId}"),
        node("good", "Log"),
        node("bad", "Log"),
        flow=flow,
    )


def test_retry_completes_with_the_first_attempt_that_does_not_fail() -> None:
    """Attempts count from 1."""
    assert retry(-1).texts() == ["1", "2 MathError share"]
    assert retry(0).texts() == ["1", "1  "]


def always(**settings: Any) -> Outcome:
    """Retry what fails at each attempt."""
    held = settings.pop("held", True)
    return run(
        node("again", "Retry", **{"jitter": False, **settings}),
        node("throw", "ThrowError", message="no", data={"retryAfter": 7}),
        node("text", "Format", template="{attempt} {error.message}"),
        node("good", "Log"),
        node("bad", "Log"),
        flow=(
            "start.exec -> again.exec",
            "again.body -> throw.exec",
            "again.completed -> good.exec",
            *(("again.failed -> bad.exec",) if held else ()),
            "again.attempt -> text.attempt",
            "again.error -> text.error",
            "text.result -> bad.message",
        ),
    )


@pytest.mark.parametrize(
    ("settings", "slept"),
    [
        ({}, [1, 2]),
        ({"maxAttempts": 1}, []),
        ({"maxAttempts": 3, "delay": f"-{10**400}"}, []),
        ({"maxAttempts": 3, "delay": f"{10**400}"}, [60, 60]),
        ({"maxAttempts": 5, "delay": 3, "factor": 10, "maxDelay": 200}, [3, 30, 200, 200]),
        ({"maxAttempts": 4, "jitter": True}, [0.625, 1.5, 3.5]),
        ({"maxAttempts": 3, "delay": 0}, []),
        ({"maxAttempts": 100, "factor": 1e300, "maxDelay": 2}, [1, *[2] * 98]),
        ({"maxAttempts": 3, "retryOn": ["HttpError", "ThrownError"]}, [1, 2]),
        ({"maxAttempts": 3, "retryOn": ["HttpError"]}, []),
    ],
    ids=str,
)
def test_retry_waits_longer_each_time(settings: dict[str, Any], slept: list[float]) -> None:
    """The smaller of maxDelay and delay x factor^(n-1); a type it does not retry is the last."""
    outcome = always(**settings)

    assert outcome.slept == slept
    assert outcome.failure is None
    assert outcome.texts() == [f"{outcome.steps.count('throw')} no"]


def test_the_last_failure_is_raised_where_nothing_takes_it() -> None:
    """With the node that failed, and without a look at completed."""
    outcome = always(held=False)

    assert outcome.failure == {
        "type": "ThrownError",
        "message": "no",
        "nodeId": "throw",
        "data": {"retryAfter": 7},
    }
    assert outcome.texts() == []


def test_the_error_can_be_read_where_the_last_failure_went() -> None:
    """By the catch around the Retry, and with the node that failed."""
    outcome = run(
        node("guard", "TryCatch"),
        node("again", "Retry", maxAttempts=1),
        node("throw", "ThrowError", message="no"),
        node("text", "Format", template="{error.message} {caught.nodeId}"),
        node("say", "Log"),
        flow=(
            "start.exec -> guard.exec",
            "guard.try -> again.exec",
            "again.body -> throw.exec",
            "guard.catch -> say.exec",
            "again.error -> text.error",
            "guard.error -> text.caught",
            "text.result -> say.message",
        ),
    )

    assert outcome.texts() == ["no throw"]


@pytest.mark.parametrize("attempts", [0, 101, -5])
def test_an_odd_number_of_attempts_is_a_limit_error(attempts: int) -> None:
    """When it arrives by wire."""
    outcome = run(
        node("get", "GetProperty", key="n"),
        node("again", "Retry"),
        flow=("start.exec -> again.exec", "start.data -> get.object",
              "get.value -> again.maxAttempts"),
        data={"n": attempts},
    )  # fmt: skip

    assert outcome.failure is not None
    assert (outcome.failure["type"], outcome.failure["nodeId"]) == ("LimitError", "again")


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (RunFailure("HttpError", "busy", {"status": 429, "retryAfter": 7}), 7),
        (RunFailure("HttpError", "busy", {"retryAfter": 700}), 60),
        (RunFailure("HttpError", "busy", {"status": 500}), 1),
        (RunFailure("ThrownError", "busy", {"retryAfter": 7}), 1),
        (RunFailure("HttpError", "busy"), 1),
        (RunFailure("HttpError", "busy", {"retryAfter": "soon"}), 1),
    ],
    ids=str,
)
def test_a_server_may_say_how_long_to_wait(failure: RunFailure, waited: float) -> None:
    """HttpError with data.retryAfter, at most maxDelay."""
    ctx = RecordingContext()

    async def main(ctx: Context) -> None:
        attempts = Attempts(ctx, max_attempts=2, jitter=False, held=True)
        async for _ in attempts:
            with attempts:
                raise failure

    run_in_virtual_time(main(ctx))

    assert ctx.slept == [waited]


@pytest.mark.parametrize(("jump", "texts"), [("Break", ["1"]), ("Continue", ["1", "1"])])
def test_a_jump_passes_through_retry(jump: str, texts: list[str]) -> None:
    """It leaves the loop's turn, and no attempt follows."""
    outcome = run(
        node("each", "ForEach", collection=["a", "b"]),
        node("again", "Retry"),
        node("say", "Log"),
        node("jump", jump),
        log("never"),
        flow=(
            "start.exec -> each.exec",
            "each.body -> again.exec",
            "again.body -> say.exec",
            "again.attempt -> say.message",
            "say.exec -> jump.exec",
            "again.completed -> never.exec",
        ),
    )

    assert outcome.texts() == texts


def timeout(seconds: float, delay: float, *flow: str) -> Outcome:
    return run(
        node("limit", "Timeout", seconds=seconds),
        node("wait", "Delay", duration=delay),
        node("guard", "TryCatch"),
        *map(log, ("body", "completed", "timedOut", "finally", "caught")),
        flow=("start.exec -> limit.exec", "limit.completed -> completed.exec", *flow),
    )


def test_timeout_completes_in_time() -> None:
    outcome = timeout(20, 0.001, "limit.body -> wait.exec", "wait.exec -> body.exec",
                      "limit.timedOut -> timedOut.exec")  # fmt: skip

    assert outcome.texts() == ["body", "completed"]


def test_timeout_cancels_what_takes_too_long() -> None:
    """No Try / Catch in the body holds that; its finally flow runs."""
    outcome = timeout(
        0.01,
        30,
        "limit.body -> guard.exec",
        "guard.try -> wait.exec",
        "guard.catch -> caught.exec",
        "guard.finally -> finally.exec",
        "wait.exec -> body.exec",
        "limit.timedOut -> timedOut.exec",
    )

    assert outcome.texts() == ["finally", "timedOut"]
    assert outcome.failure is None


def test_a_timeout_that_leads_nowhere_is_a_failure() -> None:
    """Of the Timeout node, and one that Try / Catch around it can hold."""
    outcome = timeout(0.01, 30, "limit.body -> wait.exec")

    assert outcome.failure == {
        "type": "TimeoutError",
        "message": "the body took longer than 0.01 s",
        "nodeId": "limit",
        "data": None,
    }


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_timeout_of_no_time_runs_nothing(seconds: float) -> None:
    """It fires timedOut at once."""
    outcome = timeout(seconds, 0, "limit.body -> body.exec", "limit.timedOut -> timedOut.exec")

    assert outcome.texts() == ["timedOut"]


async def test_a_body_that_never_waits_is_late_all_the_same() -> None:
    """No cancellation reaches it; what it did is done, but it has not ended in time."""
    async with TimeLimit(seconds=0.000_001, held=True) as limit:
        sum(range(10_000))

    assert limit.has_passed


def test_a_failure_in_the_body_of_a_timeout_is_raised() -> None:
    """It is no matter of time."""
    outcome = run(
        node("limit", "Timeout"),
        node("throw", "ThrowError", message="no"),
        log("timedOut"),
        flow=(
            "start.exec -> limit.exec",
            "limit.body -> throw.exec",
            "limit.timedOut -> timedOut.exec",
        ),
    )

    assert outcome.texts() == []
    assert outcome.failure is not None
    assert outcome.failure["nodeId"] == "throw"


def test_a_jump_passes_through_timeout() -> None:
    """It leaves the loop around."""
    outcome = run(
        node("each", "ForEach", collection=["a", "b"]),
        node("limit", "Timeout"),
        node("say", "Log"),
        node("jump", "Break"),
        log("never"),
        flow=(
            "start.exec -> each.exec",
            "each.body -> limit.exec",
            "limit.body -> say.exec",
            "each.item -> say.message",
            "say.exec -> jump.exec",
            "limit.completed -> never.exec",
        ),
    )

    assert outcome.texts() == ["a"]


def test_the_outer_of_two_timeouts_ends_the_inner() -> None:
    """The inner one does not take the outer one's cancellation for its own."""
    outcome = run(
        node("outer", "Timeout", seconds=0.01),
        node("inner", "Timeout", seconds=20),
        node("wait", "Delay", duration=30),
        *map(log, ("outerLate", "innerLate")),
        flow=(
            "start.exec -> outer.exec",
            "outer.body -> inner.exec",
            "inner.body -> wait.exec",
            "inner.timedOut -> innerLate.exec",
            "outer.timedOut -> outerLate.exec",
        ),
    )

    assert outcome.texts() == ["outerLate"]
