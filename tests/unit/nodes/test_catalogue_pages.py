"""The nodes against the catalogue's pages: what they declare, and what their examples promise."""

import inspect
from datetime import datetime
from typing import Any

import pytest

from dragops.compiler.check import check
from dragops.errors import PatternError
from dragops.model.pin import PinType
from dragops.nodes.catalogue import all_definitions, definition
from dragops.nodes.definition import Definition, Pin, python_name
from dragops.nodes.json_text import time_text
from dragops.nodes.signature import read_signature
from support.catalogue_pages import Example, declaration, entries, examples
from support.patterns import chain, node, pattern, variable, wire
from support.runs import run_pattern

ENTRIES = entries()
EXAMPLES = examples()
ROUNDED = {"Sine", "Cosine", "Tangent"}
"""Nodes whose results are right to 1e-12."""
ZEROS: dict[PinType, Any] = {
    PinType.ARRAY: [],
    PinType.OBJECT: {},
    PinType.STRING: "a",
    PinType.DATETIME: "2026-03-05",
    PinType.BINARY: b"",
}


def test_the_pages_and_the_code_declare_the_same_nodes() -> None:
    """A node is in both or in neither."""
    assert set(ENTRIES) == {each.type for each in all_definitions()}


@pytest.mark.parametrize("type_", ENTRIES)
def test_a_node_is_declared_as_its_page_says(type_: str) -> None:
    """Label, kind, pins and properties are the page's, in its order."""
    page = read_signature(declaration(ENTRIES[type_]))
    found = definition(type_)

    assert found is not None
    assert (found.type, found.label, found.kind) == (page.type, page.label, page.kind)
    assert [shown(pin) for pin in found.inputs] == [shown(pin) for pin in page.inputs]
    assert [shown(pin) for pin in found.outputs] == [shown(pin) for pin in page.outputs]
    assert [shown(p) for p in found.properties] == [shown(p) for p in page.properties]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_of_the_pages_holds(example: Example) -> None:
    """The node gives the result that stands there, or fails as it says."""
    found = definition(example.type)
    assert found is not None
    if example.failure == "BAD_VALUE":
        with pytest.raises(PatternError) as caught:
            run_example(example, found)
        assert {fault.code for fault in caught.value.faults} == {"BAD_VALUE"}
        return

    outcome = run_example(example, found)

    if example.failure:
        assert outcome.failure
        assert outcome.failure["type"] == example.failure
        assert outcome.failure["nodeId"] == "tried"
        return
    assert outcome.failure is None
    names = [pin.name for pin in outputs_of(example)]
    results = {name: plain(outcome.variables[f"out_{name}"]) for name in names}
    for name, wanted in expected(example, names).items():
        if example.type in ROUNDED:
            assert type(results[name]) is float
            assert results[name] == pytest.approx(wanted, abs=1e-12)
        else:
            assert repr(results[name]) == repr(wanted)  # tells 3 from 3.0, and 1 from true


def test_the_pages_hold_examples() -> None:
    """The reader of the pages finds what is written in them."""
    assert len(EXAMPLES) > 90
    assert {example.type for example in EXAMPLES} >= {"Add", "Format", "GetProperty", "DateTime"}


@pytest.mark.parametrize(
    "found", [d for d in all_definitions() if d.function], ids=lambda found: found.type
)
def test_a_function_takes_the_pins_with_their_defaults(found: Definition) -> None:
    """What a program leaves out is what the declaration says stands then."""
    assert found.function is not None
    parameters = inspect.signature(found.function).parameters
    known = {"ctx", "types"}
    for pin in (*found.inputs, *found.properties):
        if pin.type is PinType.EXEC:
            continue
        name = python_name(pin.name) + ("s" if getattr(pin, "dynamic", False) else "")
        known.add(name)
        default = parameters[name].default
        if pin.required:
            assert default is inspect.Parameter.empty
        else:
            assert default == pin.default or (default is None and not pin.default)
    assert set(parameters) <= known
    pins = [python_name(pin.name) for pin in found.inputs]
    assert [n for n in parameters if n in pins] == [n for n in pins if n in parameters]


MEMBERS = [
    (found, pin.name)
    for found in all_definitions()
    for pin in found.inputs
    if pin.type is PinType.ENUM
]


@pytest.mark.parametrize(("found", "pin"), MEMBERS, ids=lambda part: getattr(part, "type", part))
def test_a_text_that_is_no_member_is_a_conversion_error(found: Definition, pin: str) -> None:
    """Where it arrives by wire; a fixed one is refused when the pattern is compiled."""
    wanted = {p.name: ZEROS.get(p.type) for p in found.inputs if p.required}
    outcome = run_example(Example(found.type, {**wanted, pin: "no member"}, None, None), found)

    assert outcome.failure
    assert outcome.failure["type"] == "ConversionError"
    assert pin in outcome.failure["message"]
    assert outcome.failure["nodeId"] == "tried"


def run_example(example: Example, found: Definition) -> Any:
    """Feed the inputs by wire, as values of any type, and keep the outputs in variables."""
    properties = {setting.name for setting in found.properties}
    settings = {name: v for name, v in example.given.items() if name in properties}
    parts: list[Any] = [node("start", "OnStart"), node("tried", example.type, **settings)]
    for name in example.given.keys() - properties:
        parts.append(node(f"get-{name}", "GetProperty", key=name))
        parts.append(wire("start.data", f"get-{name}.object"))
        parts.append(wire(f"get-{name}.value", f"tried.{name}"))
    outputs = outputs_of(example)
    keepers = [f"keep-{pin.name}" for pin in outputs]
    for pin, keeper in zip(outputs, keepers, strict=True):
        parts.append(variable(f"out_{pin.name}", "Any"))
        parts.append(node(keeper, "SetVariable", name=f"out_{pin.name}"))
        parts.append(wire(f"tried.{pin.name}", f"{keeper}.value"))
    run = ["start", *([] if found.is_pure else ["tried"]), *keepers]
    parts += [variable("count", "Integer", 0), variable("names", "Array"), chain(*run)]
    return run_pattern(pattern("example", *parts), {"data": example.given})


def outputs_of(example: Example) -> tuple[Pin, ...]:
    """The outputs of data, with those that the example's settings make."""
    graph, _ = check(pattern("one", node("tried", example.type, **example.given)))
    found = graph.nodes["tried"].outputs.values()
    return tuple(pin for pin in found if not pin.dynamic and pin.type is not PinType.EXEC)


def expected(example: Example, names: list[str]) -> dict[str, Any]:
    if len(names) == 1:
        return {names[0]: example.result}
    result: dict[str, Any] = example.result
    return result


def plain(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value


def shown(pin: Any) -> tuple[Any, ...]:
    return (pin.name, pin.type, pin.required, repr(pin.default), pin.members)
