"""An entry without a request is a view: what somebody has of a node of the catalogue."""

from typing import Any

import pytest

from dragops.compiler.check import check
from dragops.compiler.compile import compile_pattern
from dragops.compiler.views import view_faults
from dragops.model.declared import DeclaredNode
from dragops.nodes.catalogue import all_definitions
from support.patterns import chain, node, pattern, wire

LOGGER = pattern(
    "p",
    node("hook", "OnWebhook"),
    node("say", "Log", title="Say it"),
    *(*chain("hook", "say"), wire("hook.body", "say.message")),
)


def view(**pins: str) -> DeclaredNode:
    return DeclaredNode.model_validate(
        {"inputs": [{"name": name, "type": type_} for name, type_ in pins.items()]}
    )


@pytest.mark.parametrize("pins", [{}, {"message": "string"}, {"gone": "object"}])
def test_a_view_that_fits_changes_nothing(pins: dict[str, str]) -> None:
    """Pins that the graph does not use may differ; the program and its version are the same."""
    plain = compile_pattern(LOGGER, name="p")

    seen = compile_pattern(LOGGER, name="p", declared={"Log": view(**pins), "Zzz": view()})

    assert (seen.digest, seen.manifest.definitions) == (plain.digest, None)


def test_a_view_that_does_not_fit_names_both_sides() -> None:
    """A list of nodes that has grown old is told before anything runs."""
    (fault,) = check(LOGGER, {"Log": view(message="exec")})[1]

    assert (fault.code, fault.node_id, fault.pin) == ("DEFINITION_MISMATCH", "say", "message")
    assert fault.message == (
        "Log \"Say it\" (say): your definition has pin 'message' as exec, the catalogue has Any; "
        "reload the list of nodes"
    )


def test_a_value_uses_its_pin_and_a_setting_is_none() -> None:
    """What the graph gives a value is used like what it wires."""
    spec = pattern("p", node("start", "OnStart"), node("log", "Log", message="x", level="warn"))

    assert [each.pin for each in check(spec, {"Log": view(message="exec")})[1]] == ["message"]
    assert check(spec, {"Log": view(level="enum")})[1] == []


def test_dynamic_pins_are_left_to_the_settings() -> None:
    """A view cannot know them; the other pins of the node are compared."""
    spec = pattern("p", node("start", "OnStart"), node("s", "Format", template="{a}", a=1))

    assert check(spec, {"Format": view(a="exec", values="object")})[1] == []
    spec.nodes[1].values["values"] = {}
    assert [each.pin for each in check(spec, {"Format": view(values="exec")})[1]] == ["values"]


def test_a_pin_that_only_a_view_has_is_told_once() -> None:
    """By the view, which says what to do about it."""
    spec = LOGGER.model_copy(update={"wires": (*LOGGER.wires, wire("hook.body", "say.text"))})

    told = [each.code for each in check(spec, {"Log": view(text="any")})[1]]

    assert told == ["DEFINITION_MISMATCH"]
    assert [each.code for each in check(spec)[1]] == ["UNKNOWN_PIN"]


def test_a_view_defines_no_node() -> None:
    """What the catalogue has not is a node only with a request."""
    spec = pattern("p", node("start", "OnStart"), node("get", "GetUser"), chain("start", "get"))

    (fault,) = check(spec, {"GetUser": view()})[1]

    assert (fault.code, fault.node_id) == ("UNKNOWN_NODE", "get")
    assert fault.message.endswith("its definition has no request: say what it sends")


def test_every_node_fits_the_view_that_the_catalogue_gives_of_it() -> None:
    """Whoever sends back what GET /api/nodes said is never refused for it."""
    views = {each.type: read_back(each.as_json()) for each in all_definitions()}
    ends = [
        (f"{each.type}.{pin.name}", side)
        for each in all_definitions()
        for side, pins in (("in", each.inputs), ("out", each.outputs))
        for pin in pins
    ]
    spec = pattern(
        "p",
        *(node(each.type, each.type) for each in all_definitions()),
        *(wire("x.y", end) if side == "in" else wire(end, "x.y") for end, side in ends),
    )

    assert list(view_faults(spec, views)) == []


def read_back(said: dict[str, Any]) -> DeclaredNode:
    keys = ("id", "label", "category", "description", "isPure")
    pin_keys = ("name", "type", "label", "required", "default", "members")
    pins = {
        side: [{key: pin[key] for key in pin_keys if key in pin} for pin in said[side]]
        for side in ("inputs", "outputs")
    }
    return DeclaredNode.model_validate({key: said[key] for key in keys} | pins)
