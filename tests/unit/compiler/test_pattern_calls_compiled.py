"""On Pattern Call, Call Pattern and Respond With: pins of field lists, and their faults."""

from typing import Any

import pytest

from dragops.compiler.check import check
from dragops.compiler.compile import compile_pattern
from dragops.errors import Fault
from dragops.model.pin import PinType
from support.context import RecordingContext
from support.patterns import chain, node, pattern, wire, wires
from support.reference.interpreter import interpret
from support.runs import run_pattern

QUANTITY = {"name": "quantity", "type": "Integer", "required": True}
TOTAL = {"name": "total", "type": "Float"}
CALL = node("call", "OnPatternCall", inputs=[QUANTITY], outputs=[TOTAL, "note"])
START = node("start", "OnStart")
ASK = node("ask", "CallPattern", pattern="price", inputs=[QUANTITY], outputs=[TOTAL, "note"])


def faults_of(*parts: Any) -> list[Fault]:
    return check(pattern("p", *parts))[1]


def test_the_pins_of_the_three_nodes_are_their_fields() -> None:
    """Respond With has those of the pattern's On Pattern Call, wherever that stands."""
    graph, faults = check(
        pattern("p", node("done", "RespondWith"), CALL, ASK, wire("call.quantity", "ask.quantity"))
    )
    called, asked, done = (graph.nodes[name] for name in ("call", "ask", "done"))

    assert faults == []
    assert {n: pin.type for n, pin in called.outputs.items()} == {
        "exec": PinType.EXEC,
        "quantity": PinType.INTEGER,
    }
    assert list(asked.inputs) == ["exec", "quantity"]
    assert list(asked.outputs) == ["exec", "total", "note"]
    assert {n: pin.type for n, pin in done.inputs.items()} == {
        "exec": PinType.EXEC,
        "total": PinType.FLOAT,
        "note": PinType.ANY,
    }


FAULTS: list[tuple[str, tuple[Any, ...], Fault]] = [
    (
        "a second On Pattern Call",
        (CALL, node("more", "OnPatternCall")),
        Fault(
            "more",
            "BAD_VALUE",
            "On Pattern Call (more): the pattern has On Pattern Call (call) already: "
            "remove one of them",
        ),
    ),
    (
        "Respond With that nobody hears",
        (START, node("done", "RespondWith", total=1)),
        Fault(
            "done",
            "RESPOND_WITHOUT_MODE",
            "Respond With (done) has no one to answer: add an On Pattern Call node, "
            "whose outputs it sets",
        ),
    ),
    (
        "an output that is not declared",
        (CALL, node("done", "RespondWith", totl=1)),
        Fault(
            "done",
            "UNKNOWN_PIN",
            "Respond With (done) has no pin 'totl': did you mean total?",
            pin="totl",
        ),
    ),
    (
        "a required parameter without a value",
        (START, ASK),
        Fault(
            "ask",
            "REQUIRED_PIN",
            "Call Pattern (ask): pin quantity is required: wire it or give it a value",
            pin="quantity",
        ),
    ),
    (
        "no pattern named",
        (START, node("ask", "CallPattern")),
        Fault(
            "ask",
            "BAD_VALUE",
            "Call Pattern (ask): pattern is required: give it a value",
            pin="pattern",
        ),
    ),
    (
        "a parameter of another type",
        (
            CALL,
            node("say", "ForEach"),
            wires("call.exec -> say.exec", "call.quantity -> say.collection"),
        ),
        Fault(
            "say",
            "TYPE_MISMATCH",
            "For Each (say): pin collection takes Array, but On Pattern Call (call) gives Integer "
            "at quantity: convert it, or wire another pin",
            pin="collection",
            wire="call.quantity -> say.collection",
        ),
    ),
]


@pytest.mark.parametrize(
    ("case", "parts", "wanted"), FAULTS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_what_is_wrong_is_said(case: str, parts: tuple[Any, ...], wanted: Fault) -> None:
    """One fault each, at its place."""
    assert wanted in faults_of(*parts), case


def test_faulty_fields_hide_no_second_fault() -> None:
    """While it is not known which pins there are, none is unknown."""
    bad = node("call", "OnPatternCall", outputs=["a", "a"])

    found = faults_of(bad, node("done", "RespondWith", other=1), wire("call.exec", "done.exec"))

    assert [each.code for each in found] == ["BAD_VALUE"]


def test_a_call_passes_converted_inputs_and_declared_types() -> None:
    """What the other pattern returned is converted to the types that were declared."""
    spec = pattern(
        "p",
        START,
        node("get", "GetProperty", key="n"),
        ASK,
        node("text", "Format", template="{total} {note}"),
        node("say", "Log"),
        chain("start", "ask", "say"),
        wires(
            "start.data -> get.object",
            "get.value -> ask.quantity",
            "ask.total -> text.total",
            "ask.note -> text.note",
            "text.result -> say.message",
        ),
    )
    ctx = RecordingContext(called=lambda _name, _inputs: {"total": "38.5"})

    outcome = run_pattern(spec, {"data": {"n": "4"}}, ctx=ctx)

    types = {"total": PinType.FLOAT, "note": PinType.ANY}
    assert ctx.calls == [("price", {"quantity": 4}, {"quantity": PinType.INTEGER}, types)]
    assert outcome.texts() == ["38.5 "]


def test_outputs_that_nobody_reads_have_no_name() -> None:
    """The call is all the same."""
    some = (START, ASK, node("say", "Log"), chain("start", "ask", "say"))
    value = node("four", "Integer", value=4), wire("four.value", "ask.quantity")

    one = compile_pattern(pattern("p", *some, *value, wire("ask.note", "say.message")), name="p")
    none = compile_pattern(pattern("p", *some, *value), name="p")

    assert "    _, ask_note = await runs.call_pattern(ctx" in one.text
    assert "\n    await runs.call_pattern(ctx" in none.text


def test_an_output_that_cannot_be_converted_is_a_call_error() -> None:
    """It names the pattern and the output."""
    spec = pattern(
        "p",
        START,
        node("ask", "CallPattern", pattern="price", outputs=[TOTAL]),
        chain("start", "ask"),
    )
    ctx = RecordingContext(called=lambda _name, _inputs: {"total": "much"})

    failure = run_pattern(spec, {"data": {}}, ctx=ctx).failure

    assert failure
    assert (failure["type"], failure["nodeId"]) == ("CallError", "ask")
    assert failure["message"] == "price: pin total: 'much' cannot be converted to a number"


def test_respond_with_sets_what_is_wired_and_defaults_for_the_rest() -> None:
    """Converted to the declared types."""
    done = node("done", "RespondWith", note="late")
    spec = pattern("p", CALL, done, chain("call", "done"), wires("call.quantity -> done.total"))
    ctx = RecordingContext()

    run_pattern(spec, {"quantity": 4}, ctx=ctx)

    assert ctx.given == [{"total": 4, "note": "late"}]


@pytest.mark.parametrize("parts", [{"n": 5}, {}])
def test_a_pin_of_type_null_takes_null_from_a_wire_as_from_a_value(parts: dict[str, Any]) -> None:
    """It holds nothing else, whatever arrives."""
    spec = pattern(
        "p",
        node("start", "OnStart"),
        node("made", "MakeObject", fields=[{"name": "n", "type": "Null"}], **parts),
        node("log", "Log"),
        *(wire("start.exec", "log.exec"), wire("made.object", "log.message")),
        *(() if parts else (wire("start.data", "made.n"),)),
    )

    assert run_pattern(spec, {"data": {"a": 1}}).texts() == ['{"n":null}']
    assert interpret(spec, {"data": {"a": 1}}).texts() == ['{"n":null}']
