"""Calls of patterns that are known when a pattern is deployed."""

from typing import Any

import pytest

from dragops.compiler.called import call_faults, patterns_called
from support.patterns import node, pattern

QUANTITY = {"name": "quantity", "type": "Integer", "required": True}
PRICE = pattern("Price", node("call", "OnPatternCall", inputs=[QUANTITY], outputs=["total"]))


def asking(**values: Any) -> Any:
    whole = {"pattern": "price", "inputs": ["quantity"], "outputs": ["total"]} | values
    return pattern("p", node("ask", "CallPattern", title="Ask", **whole))


def test_the_patterns_that_are_called_are_named_once() -> None:
    """In the order in which they stand; what is no text names nothing."""
    calls = [
        node(f"n{i}", "CallPattern", pattern=name) for i, name in enumerate(["b", "a", "b", 5])
    ]

    assert patterns_called(pattern("p", node("start", "OnStart"), *calls)) == ("b", "a")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, []),
        ({"pattern": "unknown", "inputs": []}, []),
        ({"inputs": [5]}, []),
        ({"inputs": []}, ["it wants the parameter quantity"]),
        ({"outputs": ["tax"]}, ["it has no output tax: it has total"]),
        (
            {"inputs": [{"name": "quantity", "type": "Array"}, "size"]},
            [
                "its parameter quantity is Integer, not Array",
                "it has no parameter size: it has quantity",
            ],
        ),
    ],
)
def test_a_call_that_does_not_fit_is_a_fault(values: dict[str, Any], told: list[str]) -> None:
    """Every difference, at the node; of patterns that are not known nothing is said."""
    faults = list(call_faults(asking(**values), {"price": PRICE}))

    assert {(fault.code, fault.node_id) for fault in faults} <= {("DEFINITION_MISMATCH", "ask")}
    assert [fault.message for fault in faults] == [
        f'Call Pattern "Ask" (ask): price: {each}' for each in told
    ]


def test_a_pattern_without_on_pattern_call_does_not_fit() -> None:
    """It cannot be called at all."""
    (fault,) = call_faults(asking(), {"price": pattern("Price", node("start", "OnStart"))})

    assert fault.message == 'Call Pattern "Ask" (ask): price: it has no On Pattern Call'
