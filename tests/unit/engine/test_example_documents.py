"""The twelve example patterns of the node pages, run to the letter by the engine's own runner.

Their peers are real web servers; ``tests/data/patterns/examples.yaml`` holds the pages' documents.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dragops.compiler.check import check
from dragops.compiler.compile import compile_pattern
from dragops.engine.alone import Ended, Prepared, Wish, run_alone
from dragops.engine.environment import environment
from dragops.engine.run import LogEntry
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program
from dragops.model.yaml_text import documents_of
from support.real_peers import RealPeers, real_peers

PAGES = Path(__file__).parents[2] / "data" / "patterns" / "examples.yaml"
Object = dict[str, Any]


def _documents() -> Iterator[tuple[dict[str, Object], Object]]:
    patterns: dict[str, Object] = {}
    for _, data in documents_of(PAGES.read_text(), name=PAGES.name, levels=64):
        if "tests" not in data:
            patterns[data["metadata"]["name"]] = data["spec"]
            continue
        for test in data["tests"]:
            yield patterns, test
        patterns = {}


def _name(case: Any) -> str:
    return next(iter(case)) if isinstance(case, dict) and "expect" not in case else ""


CASES = [*_documents()]


@pytest.mark.parametrize(("patterns", "case"), CASES, ids=_name)
async def test_an_example_does_what_its_page_says(
    patterns: dict[str, Object], case: Object
) -> None:
    """Status, error, answer, log, variables, and what was sent to peers."""
    name = case.get("pattern", next(iter(patterns)))
    heard: list[LogEntry] = []
    given = environment({}, case.get("secrets", {}))
    prepared = {
        other: Prepared(_compiled(other, patterns[other]), environment=given) for other in patterns
    }
    wanted = prepared.pop(name)
    wish = Wish(wanted, tuple(prepared.values()), start=case["start"], event=case.get("event"))

    async with real_peers(case.get("http", {})) as peers:
        ended = await run_alone(wish, heard.append, peers)

    expected = case["expect"]
    assert ended.outcome.status == expected.get("status", "completed"), ended.outcome.error
    assert (ended.outcome.error or {}).get("type") == expected.get("error")
    if "log" in expected:
        assert [[entry.level, entry.message] for entry in heard] == expected["log"]
    if "variables" in expected:
        assert _fits(ended.variables, expected["variables"])
    _check_answer(ended, expected.get("answer"))
    _check_sent(peers, expected.get("sent", []), expected.get("slept", []))


def _compiled(name: str, spec: Object) -> Program:
    return compile_pattern(PatternSpec.model_validate(spec), name=name)


def _check_answer(ended: Ended, expected: Object | None) -> None:
    if expected is None:
        return
    answer = ended.answer()
    assert answer is not None
    assert answer.status == expected.get("status", answer.status)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert headers.items() >= expected.get("headers", {}).items()
    if "text" in expected:
        assert answer.body.decode() == expected["text"]
    if "json" in expected:
        assert _fits(orjson.loads(answer.body), expected["json"])


def _check_sent(peers: RealPeers, expected: list[Object], slept: list[float]) -> None:
    assert len(peers.sent) >= len(expected)
    for request, wanted in zip(peers.sent, expected, strict=False):
        assert request.method == wanted.get("method", request.method)
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert headers.items() >= wanted.get("headers", {}).items()
        if "body" in wanted:
            assert (request.body or b"").decode() == wanted["body"]
    for before, after, seconds in zip(peers.at, peers.at[1:], slept, strict=False):
        assert after - before >= seconds


def _fits(found: Any, wanted: Any) -> bool:
    """Compare as the pages say: listed keys of objects only, numbers by value."""
    match wanted:
        case dict():
            return isinstance(found, dict) and all(
                key in found and _fits(found[key], value) for key, value in wanted.items()
            )
        case list():
            return len(found) == len(wanted) and all(map(_fits, found, wanted))
        case _:
            return bool(found == wanted)


Change = Callable[[Object], None]


def _wired(source: str, target: str) -> Change:
    return lambda spec: spec["wires"].append({"from": source, "to": target})


def _unwired(target: str) -> Change:
    def change(spec: Object) -> None:
        spec["wires"] = [wire for wire in spec["wires"] if wire["to"] != target]

    return change


def _rewired(source: str, target: str) -> Change:
    def change(spec: Object) -> None:
        _unwired(target)(spec)
        _wired(source, target)(spec)

    return change


def _valued(node: str, key: str, value: Any) -> Change:
    return lambda spec: _node(spec, node).setdefault("values", {}).update({key: value})


def _typed(node: str, type_: str) -> Change:
    return lambda spec: _node(spec, node).update({"type": type_})


def _without(node: str) -> Change:
    def change(spec: Object) -> None:
        spec["nodes"] = [each for each in spec["nodes"] if each["id"] != node]
        spec["wires"] = [w for w in spec["wires"] if not w["from"].startswith(f"{node}.")]

    return change


def _broken_off(spec: Object) -> None:
    spec["nodes"].append({"id": "stop", "type": "Break"})
    next(wire for wire in spec["wires"] if wire["from"] == "set.exec")["to"] = "stop.exec"


def _node(spec: Object, id_: str) -> Object:
    return next(node for node in spec["nodes"] if node["id"] == id_)


FAULTS: list[tuple[str, Change, str, str | None, str | None]] = [
    ("webhook-logger", _without("hook"), "NO_TRIGGER", None, None),
    ("webhook-logger", _wired("hook.method", "log.message"), "TWO_WIRES", "log", "message"),
    ("webhook-logger", _rewired("hook.exec", "log.message"), "TYPE_MISMATCH", "log", "message"),
    ("webhook-logger", _rewired("hook.payload", "log.message"), "UNKNOWN_PIN", "hook", "payload"),
    ("webhook-logger", _typed("log", "Logg"), "UNKNOWN_NODE", "log", None),
    (
        *("github-handler", _valued("hook", "responseMode", "Immediate")),
        *("RESPOND_WITHOUT_MODE", "reply", None),
    ),
    ("health-check", _unwired("up.condition"), "REQUIRED_PIN", "up", "condition"),
    (
        *("health-check", _valued("tick", "schedule", "61 * * * *")),
        *("BAD_SCHEDULE", "tick", "schedule"),
    ),
    (
        *("json-answer", _wired("hook.headers", "reply.statusCode")),
        *("TYPE_MISMATCH", "reply", "statusCode"),
    ),
    ("retry", _valued("again", "maxAttempts", "many"), "BAD_VALUE", "again", "maxAttempts"),
    ("accumulate", _valued("sum", "name", "totals"), "UNKNOWN_VARIABLE", "sum", "name"),
    ("accumulate", _wired("sum.exec", "check.exec"), "EXEC_CYCLE", None, None),
    (
        *("ip-triage", _rewired("verdict.result", "verdict.condition")),
        *("DATA_CYCLE", "verdict", None),
    ),
    ("fallback-values", _broken_off, "BREAK_OUTSIDE_LOOP", None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "code", "node", "pin"),
    FAULTS,
)
def test_one_change_to_an_example_is_one_fault(
    name: str, change: Change, code: str, node: str | None, pin: str | None
) -> None:
    """At the place that the page names, and no other fault beside it."""
    specs = {name: spec for patterns, _ in CASES for name, spec in patterns.items()}
    changed: Object = orjson.loads(orjson.dumps(specs[name]))
    change(changed)

    _, faults = check(PatternSpec.model_validate(changed))

    assert [fault.code for fault in faults] == [code]
    assert node in {None, faults[0].node_id}
    assert pin in {None, faults[0].pin}
