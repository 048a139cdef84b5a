"""Everything that can be wrong with a pattern: found at once, named, with what to do."""

import pytest

from dragops.compiler.check import check, unreached, warnings_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import Fault, PatternError
from dragops.model.pattern import PatternSpec
from support.patterns import chain, node, pattern, variable, wire, wires

START, LOG = node("start", "OnStart"), node("log", "Log", title="Say it")
WEBHOOK = node("hook", "OnWebhook")

Row = tuple[str, PatternSpec, Fault]


def fault(code: str, message: str, node_id: str | None = None, **more: str) -> Fault:
    return Fault(node_id, code, message, **more)


ROWS: list[Row] = [
    (
        "no trigger",
        pattern("p", LOG),
        fault(
            "NO_TRIGGER",
            "nothing starts this pattern: add an On Webhook, On Schedule or On Start node",
        ),
    ),
    (
        "unknown type, with what it may mean",
        pattern("p", START, node("x", "Lgo", title="Out")),
        fault("UNKNOWN_NODE", 'Lgo "Out" (x): there is no node type Lgo: did you mean Log?', "x"),
    ),
    (
        "unknown type that is like no other",
        pattern("p", START, node("x", "Zzz")),
        fault(
            "UNKNOWN_NODE",
            "Zzz (x): there is no node type Zzz: choose one that `dragops nodes` or GET /api/nodes "
            "lists, or bring the pack that it is of (--pack, nodeDefinitions)",
            "x",
        ),
    ),
    (
        "two nodes of one id",
        pattern("p", START, node("start", "Log")),
        fault("DUPLICATE_ID", "Log (start): another node has this id: rename one", "start"),
    ),
    (
        "two variables of one name",
        pattern("p", START, variable("a", "Any"), variable("a", "Any")),
        fault("DUPLICATE_ID", "there are two variables a: rename one"),
    ),
    (
        "a wire to a pin that is not there",
        pattern("p", START, LOG, wire("start.exec", "log.exce")),
        fault(
            "UNKNOWN_PIN",
            "Log \"Say it\" (log) has no pin 'exce': did you mean exec?",
            "log",
            pin="exce",
            wire="start.exec -> log.exce",
        ),
    ),
    (
        "a value for a pin that is not there",
        pattern("p", START, node("log", "Log", mesage="hi")),
        fault(
            "UNKNOWN_PIN",
            "Log (log) has no pin 'mesage': did you mean message?",
            "log",
            pin="mesage",
        ),
    ),
    (
        "a pin that the settings do not make",
        pattern(
            "p", START, LOG, node("s", "Switch", value=1, cases=["a"]), wire("s.case1", "log.exec")
        ),
        fault(
            "UNKNOWN_PIN",
            "Switch (s) has no pin 'case1': did you mean case0?",
            "s",
            pin="case1",
            wire="s.case1 -> log.exec",
        ),
    ),
    (
        "a wire from nowhere",
        pattern("p", START, LOG, wire("gone.exec", "log.exec")),
        fault(
            "UNKNOWN_WIRE_END",
            "wire gone.exec -> log.exec: there is no node 'gone'; remove the wire or mend it",
            wire="gone.exec -> log.exec",
        ),
    ),
    (
        "a wire without a pin",
        pattern("p", START, LOG, wire("start", "log.exec")),
        fault(
            "UNKNOWN_WIRE_END",
            "wire start -> log.exec: 'start' is not <node id>.<pin>; remove the wire or mend it",
            wire="start -> log.exec",
        ),
    ),
    (
        "two wires into one input",
        pattern("p", START, LOG, wires("start.data -> log.message", "start.data -> log.message")),
        fault(
            "TWO_WIRES",
            'Log "Say it" (log): pin message has two wires; an input takes one: remove the other',
            "log",
            pin="message",
            wire="start.data -> log.message",
        ),
    ),
    (
        "a wire that goes backwards",
        pattern("p", START, LOG, wire("log.message", "start.data")),
        fault(
            "WRONG_DIRECTION",
            'Log "Say it" (log): pin message is an input; a wire goes from an output to an input',
            "log",
            pin="message",
            wire="log.message -> start.data",
        ),
    ),
    (
        "types that do not fit",
        pattern("p", START, node("c", "Concat"), wire("start.data", "c.a")),
        fault(
            "TYPE_MISMATCH",
            "Concat (c): pin a takes String, but On Start (start) gives Object at data: "
            "convert it, or wire another pin",
            "c",
            pin="a",
            wire="start.data -> c.a",
        ),
    ),
    (
        "a required input left alone",
        pattern("p", START, node("b", "Branch", title="Big?")),
        fault(
            "REQUIRED_PIN",
            'Branch "Big?" (b): pin condition is required: wire it or give it a value',
            "b",
            pin="condition",
        ),
    ),
    (
        "a value of another type",
        pattern("p", START, node("a", "Add", a="abc", b=1)),
        fault(
            "BAD_VALUE",
            "Add (a): pin a: 'abc' cannot be converted to a number",
            "a",
            pin="a",
        ),
    ),
    (
        "a setting outside its members",
        pattern("p", START, node("log", "Log", level="loud")),
        fault(
            "BAD_VALUE",
            "Log (log): level is 'loud': use one of debug, info, warn, error",
            "log",
            pin="level",
        ),
    ),
    (
        "a variable that is not declared",
        pattern("p", START, variable("count", "Integer"), node("g", "GetVariable", name="cuont")),
        fault(
            "UNKNOWN_VARIABLE",
            "Get Variable (g): there is no variable 'cuont': did you mean count? Else declare it",
            "g",
            pin="name",
        ),
    ),
    (
        "exec wires in a circle",
        pattern("p", START, node("b", "Log"), node("a", "Log"), chain("start", "b", "a", "b")),
        fault(
            "EXEC_CYCLE",
            "exec wires run in a circle: Log (a) -> Log (b) -> Log (a): use a loop node to repeat",
            "a",
        ),
    ),
    (
        "a Break outside of every loop",
        pattern("p", START, node("stop", "Break", title="Enough"), chain("start", "stop")),
        fault(
            "BREAK_OUTSIDE_LOOP",
            'Break "Enough" (stop) can be reached outside of every loop: '
            "lead to it from the body of a loop only",
            "stop",
        ),
    ),
    (
        "a Break among turns that run at the same time",
        pattern(
            "p",
            START,
            node("each", "ForEachParallel", collection=[1]),
            node("stop", "Break"),
            wires("start.exec -> each.exec", "each.body -> stop.exec"),
        ),
        fault("BREAK_OUTSIDE_LOOP", "Break (stop) is reached in the body of a For Each", "stop"),
    ),
    (
        "a Continue that would leave a branch",
        pattern(
            "p",
            START,
            node("each", "ForEach", collection=[1]),
            node("both", "Parallel"),
            node("next", "Continue"),
            wires("start.exec -> each.exec", "each.body -> both.exec", "both.branch1 -> next.exec"),
        ),
        fault("BREAK_OUTSIDE_LOOP", "Continue (next) is reached in a branch of a", "next"),
    ),
    (
        "a Continue that the body reaches, and what follows the loop as well",
        pattern(
            "p",
            START,
            node("each", "ForEach", collection=[1]),
            node("next", "Continue"),
            wires("start.exec -> each.exec", "each.body -> next.exec"),
            wire("each.completed", "next.exec"),
        ),
        fault("BREAK_OUTSIDE_LOOP", "Continue (next) can be reached outside of every", "next"),
    ),
    (
        "values in a circle",
        pattern(
            "p",
            START,
            node("b", "Not"),
            node("a", "Not"),
            wires("a.result -> b.value", "b.result -> a.value"),
        ),
        fault(
            "DATA_CYCLE",
            "values depend on themselves: Not (a) -> Not (b) -> Not (a): keep one in a variable",
            "a",
        ),
    ),
    (
        "an answer that nobody waits for",
        pattern("p", WEBHOOK, node("r", "RespondToWebhook"), wire("hook.exec", "r.exec")),
        fault(
            "RESPOND_WITHOUT_MODE",
            "Respond to Webhook (r) has no one to answer: "
            "set responseMode of an On Webhook to ResponseNode",
            "r",
        ),
    ),
    (
        "a schedule that is none",
        pattern("p", node("t", "OnSchedule", schedule="* * * * 9")),
        fault("BAD_SCHEDULE", "On Schedule (t): ", "t", pin="schedule"),
    ),
    (
        "a zone that is none",
        pattern("p", node("t", "OnSchedule", schedule="@daily", timezone="Mars/One")),
        fault("BAD_SCHEDULE", "On Schedule (t): timezone", "t", pin="timezone"),
    ),
    (
        "an alias that another webhook has",
        pattern("p", node("a", "OnWebhook", webhookAlias="b"), node("b", "OnWebhook")),
        fault(
            "DUPLICATE_ALIAS",
            "On Webhook (b): the alias b is that of On Webhook (a): change one",
            "b",
            pin="webhookAlias",
        ),
    ),
    (
        "an exec output at an input that takes a value",
        pattern("p", START, LOG, wire("start.exec", "log.message")),
        fault(
            "TYPE_MISMATCH",
            'Log "Say it" (log): pin message takes Any, but On Start (start) gives Exec at exec: '
            "Exec goes with Exec only: wire another pin",
            "log",
            pin="message",
            wire="start.exec -> log.message",
        ),
    ),
    (
        "a wire to a setting",
        pattern("p", START, LOG, wire("start.data", "log.level")),
        fault(
            "UNKNOWN_PIN",
            'Log "Say it" (log): level is a setting, which no wire reaches: give it a value',
            "log",
            pin="level",
            wire="start.data -> log.level",
        ),
    ),
    (
        "a variable where none is declared",
        pattern("p", START, node("g", "GetVariable", name="count")),
        fault(
            "UNKNOWN_VARIABLE",
            "Get Variable (g): there is no variable 'count': declare it",
            "g",
            pin="name",
        ),
    ),
]


@pytest.mark.parametrize(("spec", "wanted"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_a_fault_says_where_and_what_to_do(spec: PatternSpec, wanted: Fault) -> None:
    """Code, node, pin and wire are exact; the message begins as it stands in the table."""
    faults = [each for each in check(spec)[1] if each.code == wanted.code]

    assert len(faults) == 1
    found = faults[0]
    assert found.message.startswith(wanted.message)
    assert (found.node_id, found.pin, found.wire) == (wanted.node_id, wanted.pin, wanted.wire)


def test_all_faults_come_at_once() -> None:
    """Whoever mends a pattern sees everything in one answer."""
    spec = pattern(
        "p",
        node("x", "Nope"),
        node("b", "Branch"),
        node("log", "Log", level=1),
        wires("x.exec -> b.exec", "gone.a -> b.exec", "b.true -> log.message"),
    )

    with pytest.raises(PatternError) as caught:
        compile_pattern(spec, name="p")

    codes = [each.code for each in caught.value.faults]
    assert codes == [
        "UNKNOWN_NODE",
        "BAD_VALUE",
        "UNKNOWN_WIRE_END",
        "TYPE_MISMATCH",
        "NO_TRIGGER",
        "REQUIRED_PIN",
    ]


def test_a_null_is_no_value_but_at_an_any_pin() -> None:
    """Editors send null for an empty field."""
    spec = pattern("p", START, node("n", "Not", value=None), node("i", "IsNull", value=None))

    assert [(each.code, each.node_id) for each in check(spec)[1]] == [("REQUIRED_PIN", "n")]


def test_a_node_that_nothing_reaches_is_no_fault() -> None:
    """It never runs; who asks is told so."""
    graph, faults = check(pattern("p", START, LOG))

    assert faults == []
    assert [each.id for each in unreached(graph)] == ["log"]


def test_what_an_unknown_node_may_lead_to_is_not_called_unreached() -> None:
    """The node is a fault; once it is mended, the rest may be well."""
    spec = pattern("p", START, node("x", "Lgo"), LOG, chain("start", "x", "log"))

    assert warnings_of(spec) == ()
    assert [each.node_id for each in warnings_of(pattern("p", START, LOG))] == ["log"]


def test_a_break_that_nothing_reaches_is_no_fault() -> None:
    """It never runs, like any other node that nothing reaches."""
    assert check(pattern("p", START, node("stop", "Break")))[1] == []


def test_an_output_may_come_back_to_its_own_node() -> None:
    """What an impure node put out stands until it runs again, so this is no circle."""
    spec = pattern(
        "p",
        START,
        variable("count", "Integer", 1),
        node("up", "IncrementVariable", name="count"),
        wires("start.exec -> up.exec", "up.newValue -> up.amount"),
    )

    assert check(spec)[1] == []
