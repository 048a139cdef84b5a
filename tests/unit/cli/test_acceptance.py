"""``dragops check`` refuses what Kubernetes refuses: names, metadata, what excludes what."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from dragops.cluster.client import Kind
from support.command import Command
from support.refused_objects import MISWRITTEN, REFUSED, TAKEN


@pytest.mark.parametrize(
    ("kind", "name", "spec"), [(k, n, s) for _, k, n, s, _ in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_the_api_server_refuses_is_a_fault(
    alone: Command, kind: Kind, name: str, spec: dict[str, Any]
) -> None:
    """An integration test lays the same objects before an API server."""
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}}

    verdict = alone("check", "-", "-o", "json", stdin=json_of(body | {"spec": spec})).json[0]

    assert "VALIDATION" in [fault["code"] for fault in verdict["faults"]]


@pytest.mark.parametrize(
    ("kind", "body", "told"), [(k, b, t) for _, k, b, _, t in MISWRITTEN],
    ids=[row[0] for row in MISWRITTEN],
)  # fmt: skip
def test_what_no_object_has_is_a_fault(
    alone: Command, kind: Kind, body: dict[str, Any], told: str
) -> None:
    """Metadata, and fields beside spec: kubectl refuses them, too."""
    whole = {"apiVersion": kind.api_version, "kind": kind.kind, **body}

    ran = alone("check", "-", stdin=json_of(whole))

    assert ran.code == 1
    assert told in ran.out


@pytest.mark.parametrize(
    ("kind", "spec"), [(k, s) for _, k, s in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_what_the_api_server_takes_is_no_fault(
    alone: Command, kind: Kind, spec: dict[str, Any]
) -> None:
    """A key with nothing behind it, where there is a default."""
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "a"}}

    verdict = alone("check", "-", "-o", "json", stdin=json_of(body | {"spec": spec})).json[0]

    assert "VALIDATION" not in [fault["code"] for fault in verdict["faults"]]


def test_a_pattern_of_a_bad_name_is_told_with_its_other_faults(alone: Command) -> None:
    """All at once, at the name's place, with what to write instead."""
    text = yaml.safe_dump(manifest("My_Orders"), sort_keys=False).replace("OnStart", "Log")

    first, name, other, *_ = alone("check", "-", stdin=text).out.splitlines()

    assert first == "stdin: Pattern My_Orders: not valid, 2 faults"
    assert name == (
        "stdin:4:3: VALIDATION: metadata.name: write at most 40 lower-case letters, digits and "
        "dashes, beginning with a letter and not ending with a dash"
    )
    assert "NO_TRIGGER" in other


def test_two_objects_of_one_name_are_a_fault_of_the_second(alone: Command, tmp_path: Path) -> None:
    """Kubectl would let the last one win; another kind or namespace is another object."""
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump_all([manifest("b"), manifest("a", namespace="n")]))
    first = tmp_path / "first.yaml"
    first.write_text(yaml.safe_dump_all([manifest("a"), manifest("b")], sort_keys=False))

    ran = alone("check", str(first), str(other))
    once = alone("check", str(first), str(first))

    assert ran.code == 1
    place = next(n for n, line in enumerate(first.read_text().splitlines(), 1) if "name: b" in line)
    told = f"VALIDATION: metadata.name: a Pattern b is at {first}:{place}:3 already: rename one"
    assert next(line for line in ran.out.splitlines() if "already" in line).endswith(told)
    assert ran.out.count("already") == 1
    assert once.code == 0


def test_a_schedule_that_no_calendar_has_is_a_fault(alone: Command) -> None:
    """The API server takes it, but the operator would not: the field is named, and why."""
    ticks = [{"nodeId": "t", "cronExpression": "0 0 31 2 *", "timezone": "Mars/Base"}]
    body = {
        "apiVersion": "dragops.dev/v1",
        "kind": "PatternDeployment",
        "metadata": {"name": "d"},
        "spec": {"patternRef": {"name": "p"}, "schedules": ticks},
    }

    zone = alone("check", "-", stdin=json_of(body))
    ticks[0]["timezone"] = "UTC"
    day = alone("check", "-", stdin=json_of(body))

    assert "spec.schedules[0].timezone: 'Mars/Base' is not a zone" in zone.out
    assert "spec.schedules[0].cronExpression: day: never fires" in day.out


def manifest(name: str, **metadata: str) -> dict[str, Any]:
    """Make a pattern that is good."""
    return {
        "apiVersion": "dragops.dev/v1",
        "kind": "Pattern",
        "metadata": {"name": name, **metadata},
        "spec": {"nodes": [{"id": "s", "type": "OnStart"}]},
    }


def json_of(body: dict[str, Any]) -> str:
    """Write an object as JSON."""
    return orjson.dumps(body).decode()
