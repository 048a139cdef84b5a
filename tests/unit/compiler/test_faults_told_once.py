"""Each mistake is told once, with a way out; what only follows from it is not told beside it."""

from typing import Any

import pytest

from dragops.compiler.check import check, warnings_of
from support.patterns import chain, node, pattern, wire, wires

START, LOG = node("start", "OnStart"), node("log", "Log")


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        ((wire("start.data", "b.condition"),), ["TYPE_MISMATCH"]),
        ((wire("start.date", "b.condition"),), ["UNKNOWN_PIN"]),
        ((wire("gone.out", "b.condition"),), ["UNKNOWN_WIRE_END"]),
        ((wire("b.condition", "n.result"),), ["WRONG_DIRECTION"]),
        ((wire("n.result", "b.conditon"),), ["UNKNOWN_PIN"]),
        ((node("x", "Lgo"), wire("x.out", "b.condition")), ["UNKNOWN_NODE"]),
        (
            (node("m", "BreakObject", fields=5, object={}), wire("m.x", "b.condition")),
            ["BAD_VALUE"],
        ),
        (
            (node("m", "BreakObject", fields=5, object={}), wire("m.object", "b.condition")),
            ["BAD_VALUE"],
        ),
        (wires("gone.a -> gone.a", "n.result -> b.condition"), ["UNKNOWN_WIRE_END"]),
        (wires("n.nope -> b.condition", "n.nope -> b.condition"), ["UNKNOWN_PIN"]),
        ((), ["REQUIRED_PIN"]),
    ],
)
def test_a_mistake_is_told_once(parts: tuple[Any, ...], codes: list[str]) -> None:
    """An input that a faulty wire was meant for lacks nothing else."""
    spec = pattern("p", START, node("n", "Not", value=True), node("b", "Branch"), *parts)

    assert sorted(each.code for each in check(spec)[1]) == codes


def test_a_misspelt_value_is_told_once() -> None:
    """The input that it was meant for is not called required as well."""
    spec = pattern("p", START, node("b", "Branch", conditon=True))

    assert [each.code for each in check(spec)[1]] == ["UNKNOWN_PIN"]


SWITCH = node("s", "Switch", value=1, case=["a"])
ANSWERED = (node("reply", "RespondToWebhook"), chain("hook", "reply"))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((node("hook", "OnWebhok", responseMode="ResponseNode"), *ANSWERED), "UNKNOWN_NODE"),
        ((node("hook", "OnWebhook", responseMod="ResponseNode"), *ANSWERED), "UNKNOWN_PIN"),
        ((node("hook", "OnWebhook", responseMode="Node"), *ANSWERED), "BAD_VALUE"),
        ((node("call", "OnPaternCall"), node("back", "RespondWith")), "UNKNOWN_NODE"),
        ((node("tick", "OnSchedule", schedul="@daily"),), "UNKNOWN_PIN"),
        ((START, node("f", "Format", templat="{a}", a=1)), "UNKNOWN_PIN"),
        ((START, node("c", "CallPattern", inputs=["patterns"], patterns=1)), "BAD_VALUE"),
        ((START, SWITCH, LOG, wire("s.case0", "log.exec")), "UNKNOWN_PIN"),
    ],
)
def test_what_follows_from_a_misspelt_word_is_not_told(parts: tuple[Any, ...], code: str) -> None:
    """No trigger, no answer, no pins: all of that is there once the word is right."""
    assert [each.code for each in check(pattern("p", *parts))[1]] == [code]


def test_a_node_that_gets_its_pins_from_a_faulty_one_is_not_called_unreached() -> None:
    """Respond With has the pins that On Pattern Call says, and these are not known."""
    call = node("call", "OnPatternCall", outputs=5)

    spec = pattern("p", call, node("back", "RespondWith"), chain("call", "back"))

    assert [each.code for each in check(spec)[1]] == ["BAD_VALUE"]
    assert warnings_of(spec) == ()


def test_wires_of_two_nodes_of_one_id_are_not_judged_by_the_first() -> None:
    """Which of them a wire means is known once they have an id each."""
    spec = pattern(
        "p",
        START,
        *(node("n", "Log"), node("n", "Not"), LOG),
        *(wire("start.exec", "n.exec"), wire("start.data", "n.value")),
        *(wire("n.exec", "log.exec"), wire("n.result", "log.message")),
    )

    assert [each.code for each in check(spec)[1]] == ["DUPLICATE_ID"]


def test_a_node_that_a_faulty_wire_was_to_reach_is_not_called_unreached() -> None:
    """Once the wire is mended it runs."""
    spec = pattern("p", START, LOG, node("b", "Log"), wire("start.exce", "log.exec"))

    assert warnings_of(spec.model_copy(update={"wires": (*spec.wires, *chain("log", "b"))})) == ()


def test_a_body_that_is_led_back_by_hand_is_told_that_it_comes_back() -> None:
    """Who draws the way back has a loop node already: another one is no help."""
    spec = pattern(
        "p",
        START,
        *(node("each", "ForEach", collection=[1]), LOG),
        wires("start.exec -> each.exec", "each.body -> log.exec", "log.exec -> each.exec"),
    )

    (fault,) = check(spec)[1]

    advice = "what body fires comes back to For Each (each) by itself: remove the wire to it"
    assert (fault.code, fault.message.partition("): ")[2]) == ("EXEC_CYCLE", advice)


def test_a_message_is_one_line_whatever_a_title_holds() -> None:
    """Nobody can write a second fault, or that there is none, into the first."""
    spec = pattern(
        "p",
        START,
        node("b", "Branch", title=" Is it\n so? "),
        node("c", "Branch", title=" \n"),
        wire("gone\n.a", "b.exec"),
    )

    assert [each.message for each in check(spec)[1]] == [
        "wire gone .a -> b.exec: there is no node 'gone\\n'; remove the wire or mend it",
        'Branch "Is it so?" (b): pin condition is required: wire it or give it a value',
        "Branch (c): pin condition is required: wire it or give it a value",
    ]
