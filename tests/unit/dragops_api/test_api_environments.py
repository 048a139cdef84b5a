"""Environments by REST: variables in and out, secrets only in."""

import base64
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, SECRETS
from dragops.errors import Refused, Unreachable
from support.api_door import ADA, Door, until
from support.memory_cluster import Object
from support.product import LOGGER

PATH = "/api/environments"
TOKEN = "t0ken-of-production"
BODY: dict[str, Any] = {
    "name": "Production, Europe",
    "variables": {"REGION": "eu"},
    "secrets": {"API_TOKEN": TOKEN, "OTHER": "0ther-secret"},
}


async def made(door: Door, **changes: Any) -> str:
    created = await door.data("POST", PATH, BODY | changes)
    return str(created["id"])


def stored(door: Door, id_: str) -> Object:
    return door.cluster.objects[ENVIRONMENTS.plural, "team-a", id_.replace("_", "-", 1)]


def secrets_of(door: Door) -> list[Object]:
    return [obj for (plural, _, _), obj in door.cluster.objects.items() if plural == SECRETS.plural]


def plain(secret: Object) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


async def test_an_environment_is_made_and_read(door: Door) -> None:
    """Its name is free text; the values of secrets are in no answer."""
    answer = await door.call("POST", PATH, BODY)

    created = answer.json()["data"]
    assert answer.status_code == 201
    assert created.keys() == {
        *("id", "name", "ready", "message", "createdAt", "updatedAt"),
        *("variables", "secrets"),
    }
    assert created["id"].startswith("env_")
    assert (created["name"], created["variables"]) == ("Production, Europe", {"REGION": "eu"})
    assert (created["secrets"], created["ready"]) == (["API_TOKEN", "OTHER"], True)
    assert await door.data("GET", f"{PATH}/{created['id']}") == created
    listed = await door.call("GET", PATH)
    assert listed.json()["meta"]["total"] == 1
    assert listed.json()["data"][0].keys() == created.keys() - {"variables", "secrets"}
    assert TOKEN not in answer.text + listed.text


async def test_secrets_are_kept_in_a_secret_that_the_environment_owns(door: Door) -> None:
    """With the label without which no engine reads it; it goes when its owner goes."""
    id_ = await made(door)

    (secret,) = secrets_of(door)
    environment = stored(door, id_)
    assert environment["spec"]["secretRef"] == {"name": secret["metadata"]["name"]}
    assert plain(secret) == BODY["secrets"]
    assert secret["metadata"]["labels"]["dragops.dev/environment"] == "true"
    (owner,) = secret["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Environment", environment["metadata"]["uid"])
    assert environment["metadata"]["annotations"]["dragops.dev/changed-by"] == ADA["username"]


async def test_without_secrets_there_is_no_secret(door: Door) -> None:
    created = await door.data("POST", PATH, {"name": "Plain"})

    assert (created["variables"], created["secrets"]) == ({}, [])
    assert secrets_of(door) == []


async def test_a_put_keeps_what_the_body_does_not_name(door: Door) -> None:
    """Variables are replaced as a whole, secrets one by one; null removes one."""
    id_ = await made(door, secrets={"KEPT": "kept-value", "OLD": "old-value", "NEW": "before"})

    body = {"name": "Renamed", "secrets": {"NEW": "after", "ADDED": "added", "OLD": None}}
    changed = await door.data("PUT", f"{PATH}/{id_}", body)

    assert (changed["name"], changed["variables"]) == ("Renamed", {"REGION": "eu"})
    assert changed["secrets"] == ["ADDED", "KEPT", "NEW"]
    (secret,) = secrets_of(door)
    assert plain(secret) == {"KEPT": "kept-value", "NEW": "after", "ADDED": "added"}
    changed = await door.data("PUT", f"{PATH}/{id_}", {"name": "Renamed", "variables": {}})
    assert (changed["variables"], changed["secrets"]) == ({}, ["ADDED", "KEPT", "NEW"])


async def test_secrets_can_come_later(door: Door) -> None:
    created = await door.data("POST", PATH, {"name": "Plain", "secrets": {"NOTHING": None}})

    changed = await door.data(
        "PUT", f"{PATH}/{created['id']}", {"name": "Plain", "secrets": {"TOKEN": TOKEN}}
    )

    assert changed["secrets"] == ["TOKEN"]
    assert [plain(secret) for secret in secrets_of(door)] == [{"TOKEN": TOKEN}]


async def test_a_change_that_is_meant_for_another_state_is_refused(door: Door) -> None:
    """If-Match, as for patterns; a changed secret is another state too, and nothing is written."""
    id_ = await made(door)
    path = f"{PATH}/{id_}"
    first = (await door.call("GET", path)).headers["etag"]
    changed = await door.call("PUT", path, {"name": "N", "secrets": {"API_TOKEN": "n3wer"}})
    before = len(door.cluster.writes)

    late = {"headers": {"If-Match": first}}
    answers = [
        await door.call("PUT", path, {"name": "M", "secrets": {"API_TOKEN": "late"}}, **late),
        await door.call("DELETE", path, **late),
    ]

    assert [answer.json()["error"]["code"] for answer in answers] == ["CONFLICT"] * 2
    assert door.cluster.writes[before:] == []
    assert changed.headers["etag"] == (await door.call("GET", path)).headers["etag"] != first
    good = {"headers": {"If-Match": changed.headers["etag"]}}
    assert (await door.call("DELETE", path, **good)).json()["data"] == {
        "id": id_,
        "status": "deleted",
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " "}, "body.name"),
        ({"name": None}, "body.name"),
        ({"variables": {"A B": "x"}}, "body.variables.A B.[key]"),
        ({"variables": {"A": 1}}, "body.variables.A"),
        ({"variables": {"A": None}}, "body.variables.A"),
        ({"variables": {f"A{n}": "" for n in range(101)}}, "body.variables"),
        ({"variables": {f"A{n}": "x" * 4096 for n in range(33)}}, "body.variables"),
        ({"secrets": {".a": "x"}}, "body.secrets..a.[key]"),
        ({"secrets": {"A": ""}}, "body.secrets.A"),
        ({"secrets": {"A": ["s3cret"]}}, "body.secrets.A"),
        ({"secrets": {"A": "x" * 65_537}}, "body.secrets.A"),
        ({"secret": {"A": "s3cret"}}, "body.secret"),
    ],
)
async def test_a_bad_body_is_refused_by_its_path(
    door: Door, changes: dict[str, Any], path: str
) -> None:
    """400, nothing is written, and no value is repeated."""
    answer = await door.call("POST", PATH, BODY | changes)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert [detail["path"] for detail in error["details"]] == [path]
    assert TOKEN not in answer.text
    assert "s3cret" not in answer.text
    assert door.cluster.writes == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("id_", ["env_nobody", "no such thing", "x" * 60])
async def test_an_environment_that_is_not_there_is_not_found(
    door: Door, method: str, id_: str
) -> None:
    body = {"name": "N", "secrets": {"A": "x"}} if method == "PUT" else None
    answer = await door.call(method, f"{PATH}/{id_}", body)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ENVIRONMENT_NOT_FOUND"
    assert door.cluster.writes == []


async def test_a_failure_to_keep_the_secrets_leaves_no_environment(door: Door) -> None:
    """All of a new one or nothing."""

    def fail(verb: str, plural: str) -> None:
        if (verb, plural) == ("create", "secrets"):
            raise Unreachable("the API server")

    door.cluster.fail = fail

    answer = await door.call("POST", PATH, BODY)

    assert answer.status_code == 503
    door.cluster.fail = lambda _verb, _plural: None
    assert (await door.call("GET", PATH)).json()["meta"]["total"] == 0


async def test_the_right_to_change_a_secret_may_come_a_moment_late(door: Door) -> None:
    """The operator names the Secret in a Role once it has seen it."""
    id_ = await made(door)
    refusals = iter([True, True])

    def fail(verb: str, plural: str) -> None:
        if (verb, plural) == ("patch", "secrets") and next(refusals, False):
            raise Refused("secrets is forbidden")

    door.cluster.fail = fail

    changed = await door.data("PUT", f"{PATH}/{id_}", {"name": "N", "secrets": {"NEW": "value"}})

    assert changed["secrets"] == ["API_TOKEN", "NEW", "OTHER"]


async def test_what_the_operator_has_not_looked_at_is_answered_with_202(door: Door) -> None:
    """It goes on by itself."""
    door.operator.is_deaf = True

    answer = await door.call("POST", f"{PATH}?wait=0", BODY)

    assert answer.status_code == 202
    created = answer.json()["data"]
    assert (created["ready"], created["secrets"]) == (False, [])
    assert "not looked at it yet" in created["message"]


async def test_an_environment_made_by_kubectl_is_shown_with_what_is_wrong(door: Door) -> None:
    """And secrets of a Secret that is not labelled are neither told nor changed."""
    secret = {"metadata": {"name": "bank"}, "data": {"pin": base64.b64encode(b"1234").decode()}}
    await door.cluster.create(SECRETS, "team-a", secret)
    body = {"metadata": {"name": "mine"}, "spec": {"secretRef": {"name": "bank"}}}
    await door.cluster.create(ENVIRONMENTS, "team-a", body)
    await until(lambda: "status" in door.cluster.objects["environments", "team-a", "mine"])
    shown = await door.data("GET", f"{PATH}/mine")

    answer = await door.call("PUT", f"{PATH}/mine", {"name": "N", "secrets": {"pin": "0000"}})

    assert (shown["ready"], shown["secrets"], shown["name"]) == (False, [], "mine")
    assert "lacks the label" in shown["message"]
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert secrets_of(door)[0]["data"] == secret["data"]


async def test_secrets_of_an_environment_that_nobody_has_looked_at_are_not_changed(
    door: Door,
) -> None:
    """It may name another Secret now."""
    id_ = await made(door)
    door.operator.is_deaf = True
    environment = stored(door, id_)
    spec = environment["spec"] | {"secretRef": {"name": "bank"}}
    await door.cluster.replace(ENVIRONMENTS, "team-a", environment | {"spec": spec})
    before = len(door.cluster.writes)

    answer = await door.call("PUT", f"{PATH}/{id_}", {"name": "N", "secrets": {"A": "xyz"}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert door.cluster.writes[before:] == []


async def deploy(door: Door, pattern: str, **body: Any) -> Any:
    path = f"/api/patterns/{pattern}/deploy"
    return await door.call("POST", path, {"nodeDefinitions": {}} | body)


async def pattern_of(door: Door) -> tuple[str, tuple[str, str, str]]:
    created = await door.data("POST", "/api/patterns", {"name": "P", "graphData": LOGGER})
    name = created["id"].replace("_", "-", 1)
    return created["id"], (DEPLOYMENTS.plural, "team-a", f"dep-{name}")


async def test_a_deploy_names_its_environment(door: Door) -> None:
    """Left out it stays, another one replaces it, null takes it away."""
    one, two = await made(door), await made(door)
    pattern, key = await pattern_of(door)
    refs = []
    for body in ({"environmentId": one}, {}, {"environmentId": two}, {"environmentId": None}):
        assert (await deploy(door, pattern, **body)).status_code == 200
        refs.append(door.cluster.objects[key]["spec"].get("environmentRef"))

    names = [{"name": id_.replace("_", "-", 1)} for id_ in (one, two)]
    assert refs == [names[0], names[0], names[1], None]


@pytest.mark.parametrize("id_", ["env_nobody", "no such thing", ""])
async def test_a_deploy_to_an_environment_that_is_not_there_writes_nothing(
    door: Door, id_: str
) -> None:
    pattern, key = await pattern_of(door)
    before = len(door.cluster.writes)

    answer = await deploy(door, pattern, environmentId=id_)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ENVIRONMENT_NOT_FOUND"
    assert door.cluster.writes[before:] == []
    assert key not in door.cluster.objects


async def test_a_deploy_to_an_environment_needs_the_right_to_read_it(door: Door) -> None:
    """What is deployed there can read its secrets, and send them anywhere."""
    id_ = await made(door)
    pattern, key = await pattern_of(door)
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["resource"] != "environments"

    answer = await deploy(door, pattern, environmentId=id_)

    assert answer.status_code == 403
    assert "may not get environments" in answer.json()["error"]["message"]
    assert key not in door.cluster.objects


async def test_an_environment_in_use_is_not_deleted(door: Door) -> None:
    """409 names who uses it; once nobody does, it goes with its secrets."""
    id_ = await made(door)
    pattern, _ = await pattern_of(door)
    deployment = (await deploy(door, pattern, environmentId=id_)).json()["data"]["deploymentId"]

    refused = await door.call("DELETE", f"{PATH}/{id_}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert deployment in refused.json()["error"]["message"]
    await deploy(door, pattern, environmentId=None)
    assert (await door.call("DELETE", f"{PATH}/{id_}")).status_code == 200
    assert (await door.call("GET", f"{PATH}/{id_}")).status_code == 404
    assert [s for s in secrets_of(door) if "-secrets-" in s["metadata"]["name"]] == []
