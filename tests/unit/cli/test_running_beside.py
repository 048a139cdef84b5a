"""``dragops run`` with a deployment in the pattern's file: what holds here, and what is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
import yaml

from support.command import Command

LOOP = {
    "nodes": [
        {"id": "start", "type": "OnStart"},
        {"id": "each", "type": "ForRange", "values": {"end": 50}},
        {"id": "log", "type": "Log", "values": {"message": "x"}},
    ],
    "wires": [{"from": "start.exec", "to": "each.exec"}, {"from": "each.body", "to": "log.exec"}],
}
HOOKED = {"nodes": [{"id": "hook", "type": "OnWebhook"}]}
GREETING = {
    "nodes": [
        {"id": "start", "type": "OnStart"},
        {"id": "key", "type": "GetSecret", "values": {"name": "KEY"}},
        {"id": "where", "type": "GetEnvironment", "values": {"name": "REGION"}},
        {"id": "text", "type": "Format", "values": {"template": "{where} {key}"}},
        {"id": "log", "type": "Log"},
    ],
    "wires": [
        {"from": "start.exec", "to": "log.exec"},
        {"from": "key.value", "to": "text.key"},
        {"from": "where.value", "to": "text.where"},
        {"from": "text.result", "to": "log.message"},
    ],
}
KEYS = {"secretRef": {"name": "keys"}}
ENVIRONMENT = {"variables": {"REGION": "eu"}, **KEYS}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys", "labels": {"dragops.dev/environment": "true"}},
    "stringData": {"KEY": "hunter2-hunter2"},
}


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """The command sets up the process' log, which other tests share."""
    yield
    structlog.reset_defaults()


def test_the_limits_of_the_deployment_hold(alone: Command) -> None:
    """Steps and time; --timeout goes before what the file says."""
    few = alone("run", "-", stdin=files(LOOP, {"limits": {"maxSteps": 20}}))
    many = alone.good("run", "-", stdin=files(LOOP, {"limits": {"maxSteps": 200}}))
    alone.good("run", "-", stdin=files(LOOP, {"limits": None}))
    slow = {
        **LOOP,
        "nodes": [*LOOP["nodes"][:2], {"id": "log", "type": "Delay", "values": {"duration": 5}}],
    }
    late = alone("run", "-", stdin=files(slow, {"limits": {"timeoutSeconds": 1}}))
    sooner = alone(
        "run", "-", "--timeout", "1s", stdin=files(slow, {"limits": {"timeoutSeconds": 60}})
    )

    assert (few.code, "LimitError: " in few.out) == (1, True)
    assert many.out.count("[log] x") == 50
    assert "TimeoutError: a wait of 5 s would pass the run's deadline" in late.out
    assert "TimeoutError: a wait of 5 s would pass the run's deadline" in sooner.out


def test_an_event_that_is_too_large_is_refused_as_an_engine_would(alone: Command) -> None:
    """The body of a webhook counts, not its headers."""
    event = {"headers": {"x-long": "y" * 100}, "body": {"text": "12345"}}
    for most, code in ((16, 0), (15, 2)):
        text = files(HOOKED, {"limits": {"maxEventBytes": most}})

        ran = alone("run", "-", "-e", orjson.dumps(event).decode(), stdin=text)

        assert ran.code == code
    assert "event: takes 16 bytes: limits.maxEventBytes allows 15" in ran.err


def test_the_environment_of_the_deployment_is_taken_from_the_file(alone: Command) -> None:
    """One that is elsewhere is asked for."""
    spec = {"environmentRef": {"name": "production"}}
    environment = ours("Environment", "production", ENVIRONMENT)

    whole = alone.good("run", "-", stdin=files(GREETING, spec, environment, SECRET))
    elsewhere = alone("run", "-", stdin=files(GREETING, spec))

    assert "[log] eu ***" in whole.out
    assert whole.err == ""
    assert elsewhere.code == 1
    assert elsewhere.err == (
        "d has the Environment production, which is not in stdin: give it by --env\n"
    )


def test_a_secret_that_engines_would_not_find_is_told(alone: Command, tmp_path: Path) -> None:
    """Its absence, and that of its label, which is forgotten more often."""
    bare = {**SECRET, "metadata": {"name": "keys"}}
    environment = ours("Environment", "production", ENVIRONMENT)
    file = tmp_path / "env.yaml"

    file.write_text(yaml.safe_dump_all([environment, bare]))
    unlabelled = alone.good("run", "-", "--env", str(file), stdin=files(GREETING, {}))
    file.write_text(yaml.safe_dump_all([environment]))
    absent = alone("run", "-", "--env", str(file), stdin=files(GREETING, {}))

    assert 'the Secret keys only with the label dragops.dev/environment: "true"' in unlabelled.err
    assert f"{file}: holds no Secret keys: this run has no secrets" in absent.err
    assert absent.code == 1


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"retry": {"maxAttempts": 3}}, "d gives a run 3 attempts: here it has one"),
        ({"state": "Paused"}, "d is Paused: a cluster would run nothing"),
        ({"version": 2}, "d is held at version 2: here the pattern of the file is run"),
    ],
)
def test_what_only_a_cluster_does_is_told(alone: Command, spec: dict[str, Any], told: str) -> None:
    """The run goes on all the same."""
    ran = alone.good("run", "-", stdin=files(LOOP, spec))

    assert ran.err == f"{told}\n"


def test_of_several_deployments_the_first_is_taken(alone: Command) -> None:
    """Which it is, is told; that of another pattern does not count."""
    other = ours("PatternDeployment", "o", {"patternRef": {"name": "q"}, "state": "Paused"})
    second = ours("PatternDeployment", "e", {"patternRef": {"name": "p"}, "state": "Paused"})

    ran = alone.good("run", "-", stdin=files(LOOP, {}, other, second))

    assert ran.err == "d is taken, the first of 2 deployments of this pattern\n"


def test_a_pattern_that_is_called_has_limits_of_its_own(alone: Command, tmp_path: Path) -> None:
    """Those of the deployment in its file."""
    callee = tmp_path / "callee.yaml"
    called = {"nodes": [{"id": "c", "type": "OnPatternCall", "values": {"inputs": ["a"]}}]}
    callee.write_text(files(called, {"limits": {"maxEventBytes": 5}}, name="callee"))
    caller = {
        "nodes": [
            {"id": "s", "type": "OnStart"},
            {
                "id": "call",
                "type": "CallPattern",
                "values": {"pattern": "callee", "inputs": ["a"], "a": 123456},
            },
        ],
        "wires": [{"from": "s.exec", "to": "call.exec"}],
    }

    ran = alone("run", "-", "--with", str(callee), stdin=files(caller, {}))

    assert ran.code == 1
    assert "its parameters take more than 5 bytes" in ran.out


def test_a_pattern_that_is_called_has_an_environment_of_its_own(
    alone: Command, tmp_path: Path
) -> None:
    """That of the deployment in its file, and notes of its own; --env is for all."""
    callee, env = tmp_path / "callee.yaml", tmp_path / "env.yaml"
    trigger = {"id": "start", "type": "OnPatternCall", "values": {"outputs": ["said"]}}
    answer = {"id": "log", "type": "RespondWith"}
    wires = [{**wire, "to": wire["to"].replace("message", "said")} for wire in GREETING["wires"]]
    called = {"nodes": [trigger, *GREETING["nodes"][1:4], answer], "wires": wires}
    deployed = {"environmentRef": {"name": "e"}, "retry": {"maxAttempts": 2}}
    environment = ours("Environment", "e", {"variables": {"REGION": "moon"}, **KEYS})
    callee.write_text(files(called, deployed, environment, SECRET, name="callee"))
    env.write_text("variables: {REGION: mars}\nsecrets: {KEY: another-one}\n")
    caller = {
        "nodes": [
            {"id": "s", "type": "OnStart"},
            {
                "id": "call",
                "type": "CallPattern",
                "values": {"pattern": "callee", "outputs": ["said"]},
            },
            {"id": "log", "type": "Log"},
        ],
        "wires": [
            {"from": "s.exec", "to": "call.exec"},
            {"from": "call.exec", "to": "log.exec"},
            {"from": "call.said", "to": "log.message"},
        ],
    }
    words = ("run", "-", "--with", str(callee))

    own = alone.good(*words, stdin=files(caller, {}))
    given = alone.good(*words, "--env", str(env), stdin=files(caller, {}))

    assert "[log] moon ***" in own.out
    assert "[log] mars ***" in given.out
    assert own.err == "d gives a run 2 attempts: here it has one\n"


def files(
    spec: dict[str, Any], deployment: dict[str, Any], *others: dict[str, Any], name: str = "p"
) -> str:
    """Write a pattern with its deployment, and what else is in the file."""
    deployed = ours("PatternDeployment", "d", {"patternRef": {"name": name}, **deployment})
    return yaml.safe_dump_all([ours("Pattern", name, spec), deployed, *others])


def ours(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Make an object of DragOps."""
    head = {"apiVersion": "dragops.dev/v1", "kind": kind}
    return {**head, "metadata": {"name": name}, "spec": spec}
