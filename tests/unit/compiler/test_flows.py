"""What flow nodes do, told by the log of a run; the catalogue's words are the test names."""

from typing import Any

import pytest

from support.patterns import node, pattern, variable, wires
from support.runs import Outcome, run_pattern

START = node("start", "OnStart")


def run(*parts: Any, flow: tuple[str, ...], data: Any = None) -> Outcome:
    return run_pattern(pattern("p", START, *parts, wires(*flow)), {"data": data})


def log(name: str, **values: Any) -> Any:
    return node(name, "Log", **{"message": name, **values})


def test_an_exec_output_runs_its_targets_in_wire_order() -> None:
    """Each to its end before the next begins."""
    outcome = run(
        *map(log, "abc"), flow=("start.exec -> b.exec", "b.exec -> c.exec", "start.exec -> a.exec")
    )

    assert outcome.texts() == ["b", "c", "a"]


def test_sequence_runs_each_flow_to_its_end() -> None:
    """A failure stops it."""
    outcome = run(
        node("s", "Sequence", count=3),
        log("a"),
        log("b"),
        node("throw", "ThrowError", message="no"),
        log("c"),
        flow=(
            "start.exec -> s.exec",
            "s.then2 -> c.exec",
            "s.then0 -> a.exec",
            "a.exec -> b.exec",
            "s.then1 -> throw.exec",
        ),
    )

    assert outcome.texts() == ["a", "b"]
    assert outcome.failure == {
        "type": "ThrownError",
        "message": "no",
        "nodeId": "throw",
        "data": None,
    }


@pytest.mark.parametrize(
    ("value", "fired"),
    [
        ("200", "a"),
        (200, "a"),
        (200.0, "a"),
        ("x", "b"),
        (None, "d"),
        ([], "d"),
        ({}, "d"),
        ("", "d"),
    ],
)
def test_switch_fires_the_case_of_the_same_text(value: Any, fired: str) -> None:
    """200, "200" and 200.0 are one case; null, Objects and Arrays are none."""
    outcome = run(
        node("g", "GetProperty", key="v"),
        node("s", "Switch", cases=[200, "x"]),
        *map(log, "abd"),
        flow=(
            "start.exec -> s.exec",
            "start.data -> g.object",
            "g.value -> s.value",
            "s.case0 -> a.exec",
            "s.case1 -> b.exec",
            "s.default -> d.exec",
        ),
        data={"v": value},
    )

    assert outcome.texts() == [fired]


LOOP = (
    "start.exec -> each.exec",
    "start.data -> get.object",
    "get.value -> each.collection",
    "each.body -> inside.exec",
    "each.completed -> after.exec",
    "each.item -> text.item",
    "each.index -> text.index",
    "text.result -> inside.message",
    "text.result -> after.message",
)


@pytest.mark.parametrize(
    ("items", "texts"),
    [(["a", "b"], ["0a", "1b", "1b"]), ([], [""]), (None, [""])],
    ids=["two items", "an empty Array", "null"],
)
def test_for_each_keeps_its_last_item(items: Any, texts: list[str]) -> None:
    """Item and index are null before the first turn, and afterwards those of the last."""
    outcome = run(
        node("get", "GetProperty", key="items"),
        node("each", "ForEach"),
        node("text", "Format", template="{index}{item}"),
        node("inside", "Log"),
        node("after", "Log"),
        flow=LOOP,
        data={"items": items},
    )

    assert outcome.texts() == texts


def test_for_each_reads_its_collection_once() -> None:
    """Growing the Array inside the loop does not lengthen it."""
    outcome = run(
        variable("items", "Array", [1, 2]),
        node("get", "GetVariable", name="items"),
        node("each", "ForEach"),
        node("grow", "AppendToArray", name="items", item="x"),
        flow=(
            "start.exec -> each.exec",
            "get.value -> each.collection",
            "each.body -> grow.exec",
        ),
    )

    assert outcome.variables["items"] == [1, 2, "x", "x"]


@pytest.mark.parametrize(("is_good", "texts"), [(True, ["good"]), (False, ["bad"])])
def test_a_filter_guard_lets_on_what_is_good(is_good: bool, texts: list[str]) -> None:
    """Anything else goes to rejected."""
    outcome = run(
        node("guard", "FilterGuard", condition=is_good),
        *map(log, ("good", "bad")),
        flow=("start.exec -> guard.exec", "guard.exec -> good.exec", "guard.rejected -> bad.exec"),
    )

    assert outcome.texts() == texts


def test_a_flow_ends_at_a_filter_guard_that_leads_nowhere_else() -> None:
    """In a loop the next turn begins."""
    outcome = run(
        node("each", "ForEach", collection=[0, 1, 0, 2]),
        node("guard", "FilterGuard"),
        node("say", "Log"),
        flow=(
            "start.exec -> each.exec",
            "each.body -> guard.exec",
            "each.item -> guard.condition",
            "guard.exec -> say.exec",
            "each.item -> say.message",
        ),
    )

    assert outcome.texts() == ["1", "2"]


GUARD = (
    "start.exec -> guard.exec",
    "guard.try -> throw.exec",
    "guard.catch -> tell.exec",
    "guard.error -> text.error",
    "text.result -> tell.message",
    "guard.finally -> end.exec",
)
GUARDED = (
    node("guard", "TryCatch"),
    node("throw", "ThrowError", message="no", data={"code": 7}),
    node(
        "text", "Format", template="{error.type} {error.message} {error.nodeId} {error.data.code}"
    ),
    node("tell", "Log"),
    log("end"),
)


def test_catch_gets_the_failure_and_finally_follows() -> None:
    """The error tells type, message, node and data."""
    outcome = run(*GUARDED, flow=GUARD)

    assert outcome.texts() == ["ThrownError no throw 7", "end"]
    assert outcome.failure is None


def test_a_failure_in_catch_is_raised_after_finally() -> None:
    """Finally runs all the same."""
    flow = (*GUARD, "tell.exec -> again.exec")

    outcome = run(*GUARDED, node("again", "ThrowError", message="worse"), flow=flow)

    assert outcome.texts()[-1] == "end"
    assert outcome.failure is not None
    assert outcome.failure["message"] == "worse"


def test_without_catch_a_failure_is_dropped_and_logged() -> None:
    """The run goes on as if nothing had failed, with a warning."""
    flow = tuple(text for text in GUARD if not text.startswith("guard.catch"))

    outcome = run(*GUARDED, flow=flow)

    assert outcome.logged[0] == ("warn", "dropped: ThrownError: no", "throw")
    assert outcome.texts()[1:] == ["end"]
    assert outcome.failure is None


def test_the_error_is_null_while_nothing_has_failed() -> None:
    """Also in a second round, after a failure in the first."""
    outcome = run(
        node("each", "ForEach", collection=[0, 1]),
        node("guard", "TryCatch"),
        node("share", "Divide", a=1),
        node("ok", "Log"),
        node("isNull", "IsNull"),
        node("end", "Log"),
        flow=(
            "start.exec -> each.exec",
            "each.body -> guard.exec",
            "each.item -> share.b",
            "share.result -> ok.message",
            "guard.try -> ok.exec",
            "guard.catch -> end.exec",
            "guard.finally -> end.exec",
            "guard.error -> isNull.value",
            "isNull.result -> end.message",
        ),
    )

    assert outcome.texts() == ["false", "false", "1", "true"]


def test_unused_inputs_of_lazy_nodes_are_not_evaluated() -> None:
    """A failure behind an input that is not needed does not happen."""
    outcome = run(
        node("bad", "Divide", a=1, b=0),
        node("and", "And", a=False),
        node("or", "Or", a=True),
        node("pick", "Select", condition=True, ifTrue="yes"),
        node("first", "Coalesce", a="here"),
        node("text", "Format", template="{a} {b} {c} {d}"),
        node("say", "Log"),
        flow=(
            "start.exec -> say.exec",
            "bad.result -> and.b",
            "bad.result -> or.b",
            "bad.result -> pick.ifFalse",
            "bad.result -> first.b",
            "and.result -> text.a",
            "or.result -> text.b",
            "pick.result -> text.c",
            "first.result -> text.d",
            "text.result -> say.message",
        ),
    )

    assert outcome.texts() == ["false true yes here"]


def test_a_failure_of_a_computed_node_names_that_node() -> None:
    """Not the impure node that read it, and also from inside a shared function."""
    flow = (
        "start.exec -> say.exec",
        "say.exec -> again.exec",
        "start.data -> get.object",
        "get.value -> add.a",
        "add.result -> not.value",
        "not.result -> say.message",
        "not.result -> again.message",
    )
    parts = (
        node("get", "GetProperty", key="v"),
        node("add", "Add", b=1),
        node("not", "Not"),
        node("say", "Log"),
        node("again", "Log"),
    )

    outcome = run(*parts, flow=flow, data={"v": "many"})

    assert outcome.failure is not None
    assert outcome.failure["nodeId"] == "add"
    assert outcome.failure["message"] == "pin a: 'many' cannot be converted to a number"


def test_the_outputs_of_another_trigger_are_null() -> None:
    """Only the trigger that started the run has an event."""
    spec = pattern(
        "p",
        START,
        node("hook", "OnWebhook"),
        node("text", "Format", template="[{data.a}|{body}]"),
        node("say", "Log"),
        wires(
            "start.exec -> say.exec",
            "hook.exec -> say.exec",
            "start.data -> text.data",
            "hook.body -> text.body",
            "text.result -> say.message",
        ),
    )

    assert run_pattern(spec, {"data": {"a": 1}}, start="start").texts() == ["[1|]"]
    assert run_pattern(spec, {"body": 2}, start="hook").texts() == ["[|2]"]


@pytest.mark.parametrize(
    ("is_big", "last"), [(True, ("up", {"newValue": 2})), (False, ("big", {}))]
)
def test_the_last_node_tells_its_outputs(is_big: bool, last: tuple[str, Any]) -> None:
    """For webhooks that answer with them: of the node that ran last, not of the last one drawn."""
    spec = pattern(
        "p",
        node("hook", "OnWebhook", responseMode="LastNode"),
        variable("count", "Integer", 1),
        node("up", "IncrementVariable", name="count"),
        node("big", "Branch", condition=is_big),
        wires("hook.exec -> big.exec", "big.true -> up.exec"),
    )

    assert run_pattern(spec, {}).last == last


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_value_of_a_branch_not_taken_is_evaluated_after_it(is_wanted: bool) -> None:
    """What was known only inside a lazy input is read anew outside."""
    outcome = run(
        node("name", "GetProperty", key="name"),
        node("short", "Equal", b="Al"),
        node("both", "And", a=is_wanted),
        node("text", "Format", template="{both} {name}"),
        node("say", "Log"),
        flow=(
            "start.exec -> say.exec",
            "start.data -> name.object",
            "name.value -> short.a",
            "short.result -> both.b",
            "both.result -> text.both",
            "name.value -> text.name",
            "text.result -> say.message",
        ),
        data={"name": "Al"},
    )

    assert outcome.texts() == [f"{str(is_wanted).lower()} Al"]


def test_an_inner_loop_without_items_forgets_those_of_the_last_round() -> None:
    """Item and index are null when a For Each runs again over nothing."""
    outcome = run(
        node("outer", "ForEach", collection=[["a"], []]),
        node("inner", "ForEach"),
        node("text", "Format", template="{index}{item}"),
        node("say", "Log"),
        flow=(
            "start.exec -> outer.exec",
            "outer.body -> inner.exec",
            "outer.item -> inner.collection",
            "inner.completed -> say.exec",
            "inner.item -> text.item",
            "inner.index -> text.index",
            "text.result -> say.message",
        ),
    )

    assert outcome.texts() == ["0a", ""]


def test_a_required_null_is_passed_on() -> None:
    """A fixed null at an Any pin is a value like any other."""
    outcome = run(
        node("same", "Equal", a=None, b=None),
        node("say", "Log"),
        flow=("start.exec -> say.exec", "same.result -> say.message"),
    )

    assert outcome.texts() == ["true"]


def test_a_default_that_is_null_arrives_as_the_zero_of_the_pins_type() -> None:
    """Get Environment says String and gives null for what is missing: it is converted."""
    outcome = run(
        node("env", "GetEnvironment", name="NOPE"),
        node("two", "Concat", b="!"),
        node("log", "Log"),
        flow=("start.exec -> log.exec", "env.value -> two.a", "two.result -> log.message"),
    )

    assert outcome.texts() == ["!"]
