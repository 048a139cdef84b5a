"""A pattern that can be called, patterns that call it, and what became of both runs."""

from itertools import pairwise
from typing import Any

import orjson

from dragops.history.batch import Accept, Finish
from support.engine_in_process import Served

QUANTITY = {"name": "quantity", "type": "Integer", "required": True}
TOTAL = {"name": "total", "type": "Float"}


def graph(nodes: dict[str, tuple[str, dict[str, Any]]], *wires: str) -> dict[str, Any]:
    """Nodes by id as (type, values), wires as ``a.exec -> b.exec``."""
    return {
        "nodes": [{"id": i, "type": t, "values": values} for i, (t, values) in nodes.items()],
        "wires": [dict(zip(("from", "to"), text.split(" -> "), strict=True)) for text in wires],
    }


CALLEE = graph(
    {
        "call": ("OnPatternCall", {"inputs": [QUANTITY], "outputs": [TOTAL]}),
        "times": ("Multiply", {"b": 9.5}),
        "done": ("RespondWith", {}),
    },
    "call.exec -> done.exec",
    "call.quantity -> times.a",
    "times.result -> done.total",
)
"""Prices a quantity."""


def callee(*nodes: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """A callable pattern of nodes that hang on each other."""
    ids = ["call", *(id_ for id_, _, _ in nodes)]
    return graph(
        {
            "call": ("OnPatternCall", {"outputs": [TOTAL]}),
            **{id_: (type_, values) for id_, type_, values in nodes},
        },
        *(f"{a}.exec -> {b}.exec" for a, b in pairwise(ids)),
    )


def caller(pattern: str = "price", **values: Any) -> dict[str, Any]:
    """Calls a pattern with the quantity in the body, and logs what came of it."""
    whole = {"pattern": pattern, "inputs": ["quantity"], "outputs": ["total"]} | values
    return graph(
        {
            "hook": ("OnWebhook", {}),
            "get": ("GetProperty", {"key": "quantity", "object": {}}),
            "ask": ("CallPattern", whole),
            "guard": ("TryCatch", {}),
            "text": ("Format", {"template": "{error.type}: {error.message} | {error.data.type}"}),
            "say": ("Log", {}),
            "tell": ("Log", {"level": "error"}),
            "end": ("Log", {"message": "end"}),
        },
        "hook.exec -> guard.exec",
        "guard.try -> ask.exec",
        "ask.exec -> say.exec",
        "guard.catch -> tell.exec",
        "guard.finally -> end.exec",
        "guard.error -> text.error",
        "text.result -> tell.message",
        *(["hook.body -> get.object", "get.value -> ask.quantity"] if whole["inputs"] else []),
        *(["ask.total -> say.message"] if whole["outputs"] else []),
    )


def nothing(pattern: str = "price") -> dict[str, Any]:
    """Calls a pattern without parameters."""
    return caller(pattern, inputs=[])


async def run(served: Served, body: bytes = b'{"quantity": "4"}') -> tuple[str, list[str]]:
    """Run the caller; give its id and its log."""
    run_id = (await served.post(body)).json()["runId"]
    end = await served.recorder.ended(run_id)
    return run_id, [message for _, _, _, message in orjson.loads(end.log or "[]")]


async def called_by(served: Served, run_id: str) -> tuple[Accept, Finish]:
    """Find the run that a run has called, when it has ended."""
    made = [each for each in served.recorder.accepts.values() if each.parent == run_id]
    return made[0], await served.recorder.ended(made[0].run_id)
