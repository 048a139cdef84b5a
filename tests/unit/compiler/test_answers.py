"""Respond to Webhook stands where an On Webhook that waits for an answer leads."""

import pytest

from dragops.compiler.check import check
from dragops.model.pattern import PatternSpec
from support.patterns import chain, node, pattern

QUICK = node("quick", "OnWebhook")
WAITING = node("waiting", "OnWebhook", responseMode="ResponseNode")
REPLY = node("reply", "RespondToWebhook")
FAILED = node("failed", "OnError")


@pytest.mark.parametrize(
    "spec",
    [
        pattern("p", WAITING, REPLY, chain("waiting", "reply")),
        pattern("p", WAITING, QUICK, REPLY, chain("waiting", "reply"), chain("quick", "reply")),
        pattern("p", WAITING, FAILED, REPLY, chain("failed", "reply")),
        pattern("p", WAITING, node("start", "OnStart"), REPLY, chain("start", "reply")),
        pattern("p", WAITING, REPLY),
    ],
    ids=["its flow", "two webhooks, one waits", "its failure", "tried by hand", "not wired yet"],
)
def test_an_answer_that_somebody_may_wait_for_is_no_fault(spec: PatternSpec) -> None:
    assert check(spec)[1] == []


@pytest.mark.parametrize("last", ["quick", "failed"])
def test_an_answer_of_another_webhook_is_a_fault(last: str) -> None:
    """One that waits elsewhere in the pattern does not wait for this answer."""
    parts = [QUICK, REPLY, chain(last, "reply"), *([FAILED] if last == "failed" else [])]
    others = [] if last == "failed" else [WAITING]

    (fault,) = check(pattern("p", *parts, *others))[1]

    assert (fault.code, fault.node_id) == ("RESPOND_WITHOUT_MODE", "reply")
    which = "the On Webhook that leads to it" if others else "an On Webhook"
    assert fault.message == (
        f"Respond to Webhook (reply) has no one to answer: set responseMode of {which} "
        "to ResponseNode"
    )
