"""Scenarios of the language that no example shows alone; docs/scenarios.md lists them all."""

import asyncio
from pathlib import Path

import orjson

from dragops.compiler.compile import compile_pattern
from dragops.engine.alone import Prepared, Wish, run_alone
from dragops.engine.run import LogEntry
from dragops.model.pattern import PatternSpec
from support.engine_in_process import Serve
from support.folder import SignedFolder
from support.patterns import node, pattern, wires

COLLECTING = {
    "variables": [{"name": "seen", "type": "Array", "default": []}],
    "nodes": [
        {"id": "hook", "type": "OnWebhook", "values": {"responseMode": "ResponseNode"}},
        {"id": "items", "type": "GetProperty", "values": {"key": "items"}},
        {"id": "each", "type": "ForEach"},
        {"id": "add", "type": "AppendToArray", "values": {"name": "seen"}},
        {"id": "seen", "type": "GetVariable", "values": {"name": "seen"}},
        {"id": "reply", "type": "RespondToWebhook"},
    ],
    "wires": [
        {"from": "hook.exec", "to": "each.exec"},
        {"from": "hook.body", "to": "items.object"},
        {"from": "items.value", "to": "each.collection"},
        {"from": "each.body", "to": "add.exec"},
        {"from": "each.item", "to": "add.item"},
        {"from": "each.completed", "to": "reply.exec"},
        {"from": "seen.value", "to": "reply.body"},
    ],
}


async def _logged(spec: PatternSpec) -> list[str]:
    heard: list[LogEntry] = []
    await run_alone(Wish(Prepared(compile_pattern(spec, name="scenario"))), heard.append)
    return [entry.message for entry in heard]


async def test_values_are_converted_where_they_meet_another_type() -> None:
    """42 is a text of two characters, true is 1, and a log line takes any number as it is."""
    spec = pattern(
        "Coercion",
        *(node("start", "OnStart"), node("answer", "Integer", value=42)),
        *(node("yes", "Boolean", value=True), node("long", "StringLength")),
        *(node("sum", "Add", b=1), node("a", "Log"), node("b", "Log"), node("c", "Log")),
        wires(
            *("start.exec -> a.exec", "a.exec -> b.exec", "b.exec -> c.exec"),
            *("answer.value -> long.value", "long.length -> a.message"),
            *("yes.value -> sum.a", "sum.result -> b.message", "answer.value -> c.message"),
        ),
    )

    assert await _logged(spec) == ["2", "2", "42"]


async def test_runs_at_the_same_time_do_not_share_their_variables(
    folder: SignedFolder, serve: Serve
) -> None:
    """Each answers with its own items, however their turns are mixed."""
    folder.deploy(COLLECTING)
    bodies = [{"items": [f"{run}.{n}" for n in range(200)]} for run in range(8)]
    async with serve() as served:
        answers = await asyncio.gather(*(served.post(body=orjson.dumps(body)) for body in bodies))

    assert [answer.json() for answer in answers] == [body["items"] for body in bodies]


def test_scenarios_are_listed_with_what_proves_them() -> None:
    """Each of the 28 names examples and tests that are there, or says what is missing."""
    root = Path(__file__).parents[3]
    page = (root / "docs/scenarios.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    numbered = [row for row in rows if row[0].isdigit()]

    assert [int(row[0]) for row in numbered] == list(range(1, 29))
    for _, _, proofs in numbered:
        assert proofs
        for name, file in _links(proofs):
            path = (root / "docs" / file).resolve()
            assert path.exists(), file
            assert (
                path.suffix != ".py" or f"def test_{name.replace(' ', '_')}(" in path.read_text()
            ), name


def _links(text: str) -> list[tuple[str, str]]:
    return [
        (part.partition("](")[0].rpartition("[")[2], part.partition("](")[2])
        for part in text.split(")")
        if "](" in part
    ]
