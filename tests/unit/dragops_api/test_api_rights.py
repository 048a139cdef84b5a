"""Who may: each route asks, in the words of RBAC, in the right workspace."""

from typing import Any

import pytest
from fastapi import APIRouter

from dragops.cluster.client import DEPLOYMENTS
from dragops_api.app import ROUTERS
from dragops_api.auth import PUBLIC, RIGHTS, SEE_SECRETS, Right
from dragops_api.guarded import GuardedRoute
from support.api_door import ADA, TOKEN, Door, until
from support.calls import Call, every_call
from support.product import LOGGER

CALLS = every_call()
GUARDED = [call for call in CALLS if call.route not in PUBLIC]
NEEDS = [(call, right) for call in GUARDED for right in RIGHTS[call.route]]
READING_VERBS = {"get", "list", "watch"}
JUDGES_ONLY = {"validate_pattern"}
"""Has a body, and so is a POST, but stores nothing."""


def test_every_route_is_guarded_and_the_table_holds_no_others() -> None:
    """A route without an entry cannot be made, so the table is the whole truth."""
    routes = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, GuardedRoute) for route in routes)
    assert {call.route for call in CALLS} == RIGHTS.keys() | PUBLIC
    assert RIGHTS.keys().isdisjoint(PUBLIC)
    router = APIRouter(route_class=GuardedRoute)

    async def forgotten() -> None: ...

    with pytest.raises(LookupError, match="forgotten"):
        router.get("/forgotten")(forgotten)


def test_only_those_who_may_write_can_call_what_writes() -> None:
    """Whatever is no GET needs a right whose verb changes something."""
    for call in GUARDED:
        needed = RIGHTS[call.route]
        if call.method == "GET" or call.route in JUDGES_ONLY:
            assert {right.verb for right in needed} <= READING_VERBS, call
        else:
            assert {right.verb for right in needed} - READING_VERBS, call


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_no_route_lets_a_stranger_in(door: Door, call: Call) -> None:
    """401 for all but the public ones, whatever else is wrong with the call."""
    answers = [
        await door.http.request(call.method, call.path(), json=call.body),
        await door.http.request(call.method, call.path(), headers={"X-Dragops-Workspace": "?"}),
        await door.http.request(
            call.method, call.path(), headers={"Authorization": "Bearer nonsense"}
        ),
    ]

    for answer in answers:
        assert (answer.status_code == 401) == (call.route not in PUBLIC), answer.text
    assert door.cluster.writes == []


@pytest.mark.parametrize(("call", "right"), NEEDS, ids=str)
async def test_a_caller_who_lacks_one_right_of_a_route_is_refused_for_that_right(
    door: Door, call: Call, right: Right
) -> None:
    """Everything else is allowed; 403 names verb, resource and workspace, nothing is written."""
    door.cluster.allowed = lambda spec: not _is_about(spec, right)

    answer = await door.call(call.method, call.path(), call.body)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "FORBIDDEN")
    assert error["message"] == f"{ADA['username']} may not {right} in workspace 'team-a'"
    assert door.cluster.writes == []


@pytest.mark.parametrize("call", GUARDED, ids=str)
async def test_the_rights_of_the_table_are_enough(door: Door, call: Call) -> None:
    """No route asks for more than it says; what it names may still not be there."""
    needed = RIGHTS[call.route]
    door.cluster.allowed = lambda spec: any(_is_about(spec, right) for right in needed)

    answer = await door.call(call.method, call.path(), call.body)

    assert answer.status_code not in {401, 403}, answer.text


def _is_about(spec: dict[str, Any], right: Right) -> bool:
    asked = spec["resourceAttributes"]
    return right == Right(asked["verb"], asked["resource"], asked.get("subresource", ""))


async def test_whoami_tells_what_the_caller_may_in_its_workspace(door: Door) -> None:
    """Every right of the table, and the one that shows secrets, with the API server's verdict."""
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["verb"] in READING_VERBS

    told = await door.data("GET", "/api/auth/whoami")

    rights = {(row["verb"], row["resource"]): row["allowed"] for row in told["rights"]}
    wanted = {right for needed in RIGHTS.values() for right in needed} | {SEE_SECRETS}
    assert (told["username"], told["groups"], told["workspace"]) == (
        ADA["username"],
        ADA["groups"],
        "team-a",
    )
    assert rights == {
        (right.verb, right.whole_resource): right.verb in READING_VERBS for right in wanted
    }
    assert rights["get", "patterndeployments/secrets"] is True
    assert rights["create", "patterndeployments/execute"] is False


async def test_the_review_names_caller_group_resource_and_object(door: Door) -> None:
    """All that the TokenReview told of the caller; the object's name for resourceNames."""
    pod = {"authentication.kubernetes.io/pod-name": ["ada-1"], "a.b/c": ["x", "y"]}
    door.cluster.callers[TOKEN] = ADA | {"extra": pod}
    asked: list[dict[str, Any]] = []
    door.cluster.allowed = lambda spec: not asked.append(spec)  # type: ignore[func-returns-value]  # always true

    await door.call("POST", "/api/deployments/dep_a/execute")

    assert asked[0] == {
        "user": ADA["username"],
        "uid": ADA["uid"],
        "groups": ADA["groups"],
        "extra": pod,
        "resourceAttributes": {
            "group": "dragops.dev",
            "verb": "create",
            "resource": "patterndeployments",
            "subresource": "execute",
            "namespace": "team-a",
            "name": "dep-a",
        },
    }


async def _workspace_asked(door: Door, headers: dict[str, str]) -> str:
    return str((await door.data("GET", "/api/auth/whoami", headers=headers))["workspace"])


async def test_the_workspace_is_the_headers_else_the_callers_else_the_servers(door: Door) -> None:
    """In this order; a namespace that is not served is nobody's default."""
    door.cluster.callers["of-nobody"] = ADA | {"username": "system:serviceaccount:elsewhere:x"}
    door.cluster.callers["of-a-person"] = ADA | {"username": "grace"}

    assert await _workspace_asked(door, {"X-Dragops-Workspace": "team-b"}) == "team-b"
    assert await _workspace_asked(door, {}) == "team-a"
    for token in ("of-nobody", "of-a-person"):
        assert await _workspace_asked(door, {"Authorization": f"Bearer {token}"}) == "default"


@pytest.mark.parametrize(
    ("workspace", "status", "code"),
    [
        ("elsewhere", 404, "NOT_FOUND"),
        ("Team-A", 400, "VALIDATION"),
        ("a/b", 400, "VALIDATION"),
        ("", 400, "VALIDATION"),
        ("*", 400, "VALIDATION"),
    ],
)
async def test_a_workspace_that_is_none_is_refused(
    door: Door, workspace: str, status: int, code: str
) -> None:
    """By its name, or because it is not served here."""
    answer = await door.call("GET", "/api/patterns", headers={"X-Dragops-Workspace": workspace})

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_an_id_is_looked_up_in_one_workspace_only(door: Door) -> None:
    """A deployment of another workspace does not exist."""
    _, deployment = await door.deployed(LOGGER)

    answer = await door.call(
        "GET", f"/api/deployments/{deployment}", headers={"X-Dragops-Workspace": "team-b"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "DEPLOYMENT_NOT_FOUND")


async def test_a_list_without_a_workspace_covers_all_that_the_caller_may_list(door: Door) -> None:
    """The header narrows it; what may not be listed is left out without a word."""
    _, here = await door.deployed(LOGGER)
    for namespace in ("team-b", "default"):
        body = {"metadata": {"name": f"in-{namespace}"}, "spec": {"patternRef": {"name": "p"}}}
        await door.cluster.create(DEPLOYMENTS, namespace, body)
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["namespace"] != "team-b"
    door.operator.is_deaf = True

    async def ids(**headers: str) -> set[str]:
        rows = await door.data("GET", "/api/deployments", headers=headers)
        return {row["id"] for row in rows}

    await until(lambda: "default" in door.parts.deployment_view.namespaces())
    assert await ids() == {here, "in-default"}
    assert await ids(**{"X-Dragops-Workspace": "default"}) == {"in-default"}


async def test_a_secret_is_null_for_who_may_not_see_secrets(door: Door) -> None:
    """get patterndeployments/secrets decides, and nothing else changes."""
    _, deployment = await door.deployed(LOGGER)
    path = f"/api/deployments/{deployment}"
    shown = await door.data("GET", path)
    door.cluster.callers["of-bob"] = ADA | {"username": "bob"}
    door.cluster.allowed = lambda spec: spec["resourceAttributes"].get("subresource") != "secrets"
    bob = {"Authorization": "Bearer of-bob", "X-Dragops-Workspace": "team-a"}

    hidden = await door.data("GET", path, headers=bob)
    listed = await door.data("GET", f"{path}/webhook", headers=bob)

    assert shown["webhookEndpoints"][0]["webhookSecret"] == "a1b2"
    assert hidden["webhookEndpoints"][0]["webhookSecret"] is None
    assert listed[0]["webhookSecret"] is None
    assert shown["webhookEndpoints"][0] | {"webhookSecret": None} == hidden["webhookEndpoints"][0]


async def test_a_secret_of_somebody_else_is_never_read_out(door: Door) -> None:
    """A deployment called x must not open a Secret that happens to be called x-endpoints."""
    _, deployment = await door.deployed(LOGGER)
    name = f"{deployment.replace('_', '-', 1)}-endpoints"
    stored = door.cluster.objects["secrets", "team-a", name]
    stored["metadata"]["ownerReferences"] = [{"uid": "another"}]

    shown = await door.data("GET", f"/api/deployments/{deployment}")

    assert shown["webhookEndpoints"][0]["webhookSecret"] is None


async def test_the_token_is_asked_about_with_our_audience(door: Door) -> None:
    """A token for another service is no log-in here."""
    door.cluster.callers.pop(TOKEN)

    answer = await door.call("GET", "/api/patterns")

    assert answer.status_code == 401
    assert "dragops-api" in answer.json()["error"]["message"]
