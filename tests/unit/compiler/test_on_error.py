"""On Error and Stop Run: what becomes of a run that fails, or is told to end."""

from itertools import pairwise
from typing import Any

import pytest

from dragops.compiler.check import check, unreached, warnings_of
from support.patterns import chain, node, pattern, variable, wire, wires
from support.runs import Outcome, run_pattern

START = node("start", "OnStart")
THROW = node("throw", "ThrowError", message="no", data={"code": 7})
FAILED = node("failed", "OnError")


def log(name: str, **values: Any) -> Any:
    return node(name, "Log", **{"message": name, **values})


def run(*parts: Any, start: str = "start", **event: Any) -> Outcome:
    return run_pattern(pattern("p", START, *parts), event, start=start)


def test_on_error_is_told_what_failed_and_the_run_still_fails() -> None:
    """Type, message and node as outputs of their own, and all of it as an Object."""
    outcome = run(
        THROW,
        FAILED,
        node("text", "Format", template="{type} {message} {nodeId} {error.data.code}"),
        node("tell", "Log"),
        chain("start", "throw"),
        wires(
            "failed.exec -> tell.exec",
            "failed.type -> text.type",
            "failed.message -> text.message",
            "failed.nodeId -> text.nodeId",
            "failed.error -> text.error",
            "text.result -> tell.message",
        ),
    )

    assert outcome.texts() == ["ThrownError no throw 7"]
    assert outcome.failure
    assert (outcome.failure["type"], outcome.failure["nodeId"]) == ("ThrownError", "throw")


def test_without_a_failure_on_error_does_not_run() -> None:
    """Its outputs are null where others read them."""
    outcome = run(
        FAILED,
        log("sorry"),
        node("text", "Format", template="[{type}]"),
        node("say", "Log"),
        chain("start", "say"),
        wires(
            "failed.exec -> sorry.exec", "failed.type -> text.type", "text.result -> say.message"
        ),
    )

    assert (outcome.texts(), outcome.failure) == (["[]"], None)


def test_what_try_catch_holds_does_not_reach_on_error() -> None:
    """A failure in the catch flow does."""
    parts = (
        node("guard", "TryCatch"),
        THROW,
        log("caught"),
        FAILED,
        log("sorry"),
        chain("start", "guard"),
        wires("guard.try -> throw.exec", "guard.catch -> caught.exec", "failed.exec -> sorry.exec"),
    )

    assert run(*parts).texts() == ["caught"]
    worse = run(*parts, node("again", "ThrowError"), wire("caught.exec", "again.exec"))
    assert worse.texts() == ["caught", "sorry"]


def test_a_failure_in_on_error_is_only_logged() -> None:
    """What the run failed of stays its failure."""
    outcome = run(
        THROW,
        FAILED,
        node("again", "ThrowError", message="worse"),
        log("never"),
        chain("start", "throw"),
        wires("failed.exec -> again.exec", "failed.exec -> never.exec"),
    )

    assert outcome.logged == [("error", "On Error failed: ThrownError: worse", "again")]
    assert outcome.failure
    assert outcome.failure["message"] == "no"


@pytest.mark.parametrize("start", ["start", "hook"])
def test_the_failures_of_all_triggers_lead_to_on_error(start: str) -> None:
    """It reads the event of the one that started the run, and nodes that have run before."""
    outcome = run(
        node("hook", "OnWebhook"),
        variable("n", "Integer"),
        node("count", "IncrementVariable", name="n"),
        THROW,
        node("other", "ThrowError"),
        FAILED,
        node("text", "Format", template="{n} {body} {data.a}"),
        node("tell", "Log"),
        chain("start", "throw"),
        chain("hook", "count", "other"),
        wires(
            "failed.exec -> tell.exec",
            "count.newValue -> text.n",
            "hook.body -> text.body",
            "start.data -> text.data",
            "text.result -> tell.message",
        ),
        start=start,
        **({"data": {"a": "by hand"}} if start == "start" else {"body": "posted"}),
    )

    assert outcome.texts() == ["  by hand" if start == "start" else "1 posted "]


def test_on_error_may_share_nodes_with_the_flow_that_failed() -> None:
    """They are written once, and run again."""
    parts = (
        node("each", "ForEach", collection=[1, 0]),
        node("share", "Divide", a=1),
        node("say", "Log"),
        FAILED,
        wires(
            "start.exec -> each.exec",
            "each.item -> share.b",
            "share.result -> say.message",
            "each.body -> say.exec",
            "each.completed -> end.exec",
            "failed.exec -> end.exec",
        ),
        log("end"),
    )

    assert run(*parts).texts() == ["1", "end"]


def test_deep_flows_in_on_error_are_no_trouble_to_python() -> None:
    """CPython allows twenty nested blocks: what lies deeper becomes a function."""
    names = [f"guard{n}" for n in range(30)]
    guards = [node(name, "TryCatch") for name in names]
    nested = [wire(f"{a}.try", f"{b}.exec") for a, b in pairwise(names)]
    first, last = wire("failed.exec", "guard0.exec"), wire("guard29.try", "deep.exec")

    outcome = run(
        THROW, FAILED, log("deep"), *guards, *nested, first, last, chain("start", "throw")
    )
    main = run(
        THROW, *guards, *nested, wire("start.exec", "guard0.exec"), log("deep"), last, FAILED
    )

    assert (outcome.texts(), main.texts()) == (["deep"], ["deep"])


def test_on_error_alone_starts_nothing() -> None:
    """It is no trigger, and a second one has nothing to do."""
    (alone,) = check(pattern("p", FAILED, log("a"), chain("failed", "a")))[1]
    twice = pattern("p", START, FAILED, node("more", "OnError", title="Again"))
    (second,) = check(twice)[1]

    assert alone.code == "NO_TRIGGER"
    assert (second.code, second.node_id) == ("BAD_VALUE", "more")
    assert second.message == (
        'On Error "Again" (more): the pattern has On Error (failed) already: remove one of them'
    )
    assert warnings_of(twice) == ()


def test_a_jump_in_on_error_has_no_loop_to_leave() -> None:
    """Also where the loop that failed leads to the same node."""
    parts = (
        node("each", "ForEach", collection=[1]),
        node("out", "Break"),
        wires("start.exec -> each.exec", "each.body -> out.exec"),
    )

    found = check(pattern("p", START, FAILED, *parts, wire("failed.exec", "out.exec")))[1]

    assert [(each.code, each.node_id) for each in found] == [("BREAK_OUTSIDE_LOOP", "out")]
    assert check(pattern("p", START, FAILED, *parts))[1] == []


def test_what_on_error_leads_to_is_reached() -> None:
    """No warning says that it never runs."""
    graph, _ = check(pattern("p", START, FAILED, log("a"), log("b"), chain("failed", "a")))

    assert [each.id for each in unreached(graph)] == ["b"]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_stop_run_ends_the_run_with_its_status(status: str) -> None:
    """Neither catch nor On Error hears of it; what stands in finally runs."""
    outcome = run(
        node("guard", "TryCatch"),
        node("stop", "StopRun", message="enough", status=status),
        FAILED,
        *map(log, ["caught", "tidied", "sorry", "after"]),
        chain("start", "guard"),
        wires(
            "guard.try -> stop.exec",
            "guard.catch -> caught.exec",
            "guard.finally -> tidied.exec",
            "failed.exec -> sorry.exec",
            "tidied.exec -> after.exec",
        ),
    )

    assert outcome.texts() == ["tidied", "after"]
    assert outcome.failure
    assert outcome.failure["message"] == "enough"


def test_events_that_nobody_delivers_yet_are_warned_of() -> None:
    """A deployment of them is ready, and would wait for ever, or fail each time."""
    spec = pattern(
        "p",
        *(node("mail", "OnEmail"), node("told", "OnEvent", title="Paid")),
        *(node("tell", "EmitEvent", topic="a"), chain("mail", "tell")),
    )

    assert [(each.code, each.message) for each in warnings_of(spec)] == [
        (
            "NOT_DELIVERED",
            "On Email (mail): no e-mails are delivered yet: run it by hand",
        ),
        (
            "NOT_DELIVERED",
            'On Event "Paid" (told): no events are delivered yet: run it by hand',
        ),
        (
            "NOT_DELIVERED",
            "Emit Event (tell): no events are delivered yet, so that it fails: use Call Pattern",
        ),
    ]


def test_an_email_and_an_event_start_runs() -> None:
    """By hand, with what would be delivered as the event."""
    parts = (
        node("mail", "OnEmail", alias="orders"),
        node("told", "OnEvent", topic="orders/*"),
        node("text", "Format", template="{from} {subject} {topic} {payload.id} {at}"),
        node("hour", "SetVariable", name="at"),
        node("say", "Log"),
        variable("at", "DateTime"),
        chain("mail", "say"),
        chain("told", "hour", "say"),
        wires(
            "mail.from -> text.from",
            "mail.subject -> text.subject",
            "told.topic -> text.topic",
            "told.payload -> text.payload",
            "told.timestamp -> text.at",
            "told.timestamp -> hour.value",
            "text.result -> say.message",
        ),
    )
    letter = {"from": "ada@example.com", "subject": "Hello"}
    event = {"topic": "orders/paid", "payload": {"id": 7}, "timestamp": "2026-03-05T12:00:00Z"}

    assert run(*parts, start="mail", **letter).texts() == ["ada@example.com Hello   "]
    assert run(*parts, start="told", **event).texts() == ["  orders/paid 7 2026-03-05T12:00:00Z"]
