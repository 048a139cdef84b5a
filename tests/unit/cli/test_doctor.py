"""Doctor names what is wrong, says how to mend it, and ends with 1 when something is broken."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml

from dragops.cli.doctor.caller import rights_finding
from dragops.cli.doctor.cluster import look_at_pods, missing_fields
from dragops.cli.doctor.connection import clock_finding
from dragops.cli.doctor.finding import Finding
from dragops.model.deployment import DeploymentSpec
from dragops.model.environment import EnvironmentSpec
from dragops.model.pattern import PatternSpec
from support.api_door import ADA, TOKEN
from support.command import Command, Ran
from support.one_answer import http, one_answer
from support.product import LOGGER
from support.served_api import ServedApi

NOW = datetime(2026, 3, 5, 12, 0, 0, tzinfo=UTC)
CRDS = Path(__file__).parents[3] / "crds"


def _found(ran: Ran) -> dict[str, tuple[str, str]]:
    """Give what was found by check: the worst of each."""
    found: dict[str, tuple[str, str]] = {}
    order = ("ok", "skip", "warn", "fail")
    for item in ran.json:
        known = found.get(item["check"], ("ok", ""))[0]
        if item["check"] not in found or order.index(item["verdict"]) > order.index(known):
            found[item["check"]] = item["verdict"], item["message"]
        assert item["mend"] or item["verdict"] in {"ok", "skip"}, item
    return found


def test_nothing_is_wrong_with_a_system_that_works(api: ServedApi, dragops: Command) -> None:
    """What could not be looked at is said, too; the page is for people."""
    api.behind(lambda door: door.deployed(LOGGER))

    ran = dragops.good("doctor")

    lines = [line.split(maxsplit=2) for line in ran.out.splitlines()]
    assert [line[:2] for line in lines if line[0] != "->"] == [
        ["ok", "address"],
        ["ok", "answer"],
        ["ok", "clock"],
        ["ok", "ready"],
        ["ok", "token"],
        ["ok", "workspace"],
        ["ok", "rights"],
        ["ok", "engines"],
        ["ok", "deployments"],
        ["skip", "cluster"],
    ]
    assert "the API\n" in ran.out.partition("clock")[2]


def test_a_machine_without_an_address_is_told_to_log_in(alone: Command) -> None:
    """There is nothing else to look at."""
    ran = alone("doctor", "-o", "json")

    assert ran.code == 1
    assert _found(ran)["address"][0] == "fail"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (http("200 OK", b"<html>", "Content-Type: text/html"), "is no DragOps: 200 (text/html)"),
        (http("404 Not Found", b"{}"), "is no DragOps: 404"),
        (b"", "broke"),
    ],
)
def test_an_address_that_is_not_dragops_is_found_out(alone: Command, raw: bytes, told: str) -> None:
    """The token is not sent there."""
    with one_answer(raw) as url:
        ran = alone("doctor", "--url", url, "--token", "t", "-o", "json")

    assert ran.code == 1
    assert told in _found(ran)["answer"][1]
    assert "token" not in _found(ran)


def _jwt(audience: str, seconds: int) -> str:
    claims = {"aud": [audience], "exp": int(time.time()) + seconds}
    return jwt.encode(claims, "k" * 32, algorithm="HS256")


@pytest.mark.parametrize(
    ("audience", "seconds", "verdict", "told"),
    [
        ("dragops-api", 86_400, "ok", "it ends in 23h"),
        ("dragops-api", 600, "warn", "it ends in 9m"),
        ("dragops-api", -7_200, "fail", "it ended 2h ago"),
        ("https://kubernetes.default.svc", 86_400, "fail", "not for dragops-api"),
    ],
)
def test_a_token_is_judged_by_what_it_says_of_itself(
    api: ServedApi, dragops: Command, audience: str, seconds: int, verdict: str, told: str
) -> None:
    """The usual slips: too old, or made for the API server."""
    token = _jwt(audience, seconds)
    api.door.cluster.callers[token] = ADA

    ran = dragops("doctor", "--token", token, "-o", "json")

    assert ran.code == (verdict == "fail")
    found = [(i["verdict"], i["message"]) for i in ran.json if i["check"] == "token"]
    assert any(v == verdict and told in message for v, message in found), found


def test_a_token_that_the_api_does_not_know_is_found(dragops: Command) -> None:
    """The API has the last word."""
    ran = dragops("doctor", "--token", "bad", "-o", "json")

    assert ran.code == 1
    assert _found(ran)["token"][0] == "fail"


def test_a_workspace_that_the_chart_does_not_list_is_found(dragops: Command) -> None:
    """The Helm value is named."""
    ran = dragops("doctor", "-w", "elsewhere", "-o", "json")

    assert ran.code == 1
    assert _found(ran)["workspace"] == ("fail", "elsewhere is no workspace of this installation")


def test_rights_that_are_missing_are_listed(api: ServedApi, dragops: Command) -> None:
    """Some missing rights may be meant: a warning."""
    api.door.cluster.allowed = lambda spec: spec["resourceAttributes"]["verb"] != "delete"

    ran = dragops.good("doctor", "-o", "json")

    verdict, told = _found(ran)["rights"]
    assert verdict == "warn"
    assert "delete patterns" in told


def test_one_who_may_nothing_is_told_that_this_is_wrong() -> None:
    """A token without any role."""
    rights = [{"verb": "list", "resource": "patterns", "allowed": False}]

    found = rights_finding({"workspace": "a", "rights": rights})

    assert (found.verdict, "list patterns" in found.told) == ("fail", True)
    assert rights_finding({"workspace": "a"}).verdict == "skip"


def test_what_has_failed_is_named(api: ServedApi, dragops: Command) -> None:
    """Doctor says which, kubectl says why."""
    api.door.operator.fails = True
    api.behind(lambda door: door.deployed(LOGGER))

    ran = dragops.good("doctor", "-o", "json")

    assert _found(ran)["deployments"][1].startswith("failed: dep_pat-")


def test_an_api_whose_store_is_away_is_found(api: ServedApi, dragops: Command) -> None:
    """The health summary is what notices."""
    api.door.store.unlink()

    ran = dragops("doctor", "-o", "json")

    assert ran.code == 1
    assert "STORE_UNAVAILABLE" in _found(ran)["system"][1]


@pytest.mark.parametrize(
    ("seconds", "verdict", "told"),
    [
        (2, "ok", "2s ahead of"),
        (-45, "warn", "45s behind"),
        (400, "fail", "6m40s ahead of"),
    ],
)
def test_clocks_are_compared(seconds: int, verdict: str, told: str) -> None:
    """Half a minute is odd, five minutes break signatures."""
    date = format_datetime(NOW - timedelta(seconds=seconds), usegmt=True)

    found = clock_finding(date, NOW)

    assert (found.verdict, told in found.told) == (verdict, True)
    assert clock_finding("yesterday", NOW).verdict == "ok"


def test_a_server_without_its_token_gets_no_second_look(alone: Command) -> None:
    """A kubeconfig that leads nowhere is a finding, not a trace."""
    kubeconfig = alone.home / "kubeconfig"
    kubeconfig.write_text("nonsense: true\n")

    ran = alone(
        "doctor", "--url", "http://127.0.0.1:9", "--token", TOKEN, KUBECONFIG=str(kubeconfig)
    )

    assert ran.code == 1
    assert "fail  cluster" in ran.out


def _pod(name: str, *, ready: bool = True, **status: Any) -> dict[str, Any]:
    env = [{"name": "DRAGOPS_WORKSPACES", "value": "default,team-a"}]
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    if not ready:
        condition |= {"reason": "ContainersNotReady", "message": "api"}
    return {
        "metadata": {
            "name": f"{name}-0",
            "namespace": "dragops",
            "labels": {"app.kubernetes.io/name": name},
        },
        "spec": {"containers": [{"name": "a", "env": env}]},
        "status": {"phase": "Running", "conditions": [condition], **status},
    }


def _told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.verdict.value, finding.told) for finding in findings]


def test_pods_that_are_ready_and_a_workspace_that_is_listed_are_good() -> None:
    """What the API's pod was told is what the chart lists."""
    found = look_at_pods([_pod("dragops-api"), _pod("dragops-operator")], "team-a")

    assert _told(found) == [
        ("ok", "2 of DragOps, all ready"),
        ("ok", "the chart lists default, team-a"),
    ]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (
            {
                "containerStatuses": [
                    {
                        "name": "api",
                        "ready": False,
                        "restartCount": 0,
                        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}},
                    }
                ]
            },
            "dragops/dragops-api-0 is not ready: api ImagePullBackOff: no",
        ),
        (
            {
                "containerStatuses": [
                    {"name": "api", "ready": False, "restartCount": 3, "state": {"running": {}}}
                ]
            },
            "dragops/dragops-api-0 is not ready: api runs and is not ready, after 3 restarts",
        ),
        ({}, "dragops/dragops-api-0 is not ready: ContainersNotReady: api"),
    ],
)
def test_a_pod_that_is_not_ready_tells_why(status: dict[str, Any], told: str) -> None:
    """As the kubelet has it."""
    pods = [_pod("dragops-api", ready=False, **status), _pod("dragops-operator")]

    assert ("fail", told) in _told(look_at_pods(pods, "team-a"))


def test_a_component_without_pods_and_a_foreign_workspace_are_found() -> None:
    """A tick's pod that has ended is not missing."""
    pods = [_pod("dragops-api"), _pod("dragops-tick", ready=False)]

    assert _told(look_at_pods(pods, "team-z")) == [
        ("fail", "there is no pod of dragops-operator"),
        ("ok", "1 of DragOps, all ready"),
        ("fail", "the chart lists default, team-a, but not team-z"),
    ]


@pytest.mark.parametrize(
    ("plural", "spec"),
    [
        ("patterns", PatternSpec),
        ("patterndeployments", DeploymentSpec),
        ("environments", EnvironmentSpec),
    ],
)
def test_definitions_of_an_older_chart_are_found(plural: str, spec: Any) -> None:
    """A field that this version knows and the installed definition does not."""
    definition = yaml.safe_load((CRDS / f"{plural}.yaml").read_text())
    assert missing_fields(definition, spec) == []

    properties = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    first = next(iter(properties["spec"]["properties"]))
    del properties["spec"]["properties"][first]

    assert missing_fields(definition, spec) == [first]
