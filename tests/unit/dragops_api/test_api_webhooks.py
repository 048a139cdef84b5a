"""Webhook endpoints at the API's door: a new secret, snippets, captured events."""

import asyncio
from typing import Any

import pytest

from support.api_door import ADA, Door, until
from support.product import LOGGER, graph


def taking(*methods: str, alias: str = "main") -> dict[str, Any]:
    hook = ("OnWebhook", {"webhookAlias": alias, "methods": list(methods)})
    return graph({"hook": hook, "log": ("Log", {})}, "hook.exec -> log.exec")


@pytest.fixture
async def deployment(door: Door) -> str:
    return (await door.deployed(LOGGER))[1]


def stored_hooks(door: Door, deployment: str) -> Any:
    key = ("patterndeployments", "team-a", deployment.replace("_", "-", 1))
    return door.cluster.objects[key]["spec"].get("webhooks")


def bob(door: Door, *forbidden: str) -> dict[str, str]:
    """Let Bob call, who lacks these rights: ``get secrets``."""
    door.cluster.callers["of-bob"] = ADA | {"username": "bob"}

    def allowed(spec: dict[str, Any]) -> bool:
        asked = spec["resourceAttributes"]
        return f"{asked['verb']} {asked.get('subresource', '')}" not in forbidden

    door.cluster.allowed = allowed
    return {"Authorization": "Bearer of-bob", "X-Dragops-Workspace": "team-a"}


async def test_regenerate_answers_the_secret_that_the_list_then_shows(
    door: Door, deployment: str
) -> None:
    """The number in the spec is what the operator obeys; the id and the URL stay."""
    path = f"/api/deployments/{deployment}/webhook"
    (before,) = await door.data("GET", path)

    answer = await door.data("POST", f"{path}/regenerate", {"endpointId": "wep_hook"})

    assert answer == {"webhookSecret": "a1b2-1"}
    assert await door.data("GET", path) == [before | answer]
    assert stored_hooks(door, deployment) == [
        {"nodeId": "hook", "secretRotation": 1, "previousSecretSeconds": 0}
    ]


async def test_each_call_makes_another_secret_and_sets_its_grace(
    door: Door, deployment: str
) -> None:
    """Other settings of the endpoint, and other endpoints, are left alone."""
    key = ("patterndeployments", "team-a", deployment.replace("_", "-", 1))
    door.cluster.objects[key]["spec"]["webhooks"] = [
        {"nodeId": "other", "secretRotation": 4},
        {"nodeId": "hook", "signature": {"scheme": "github"}},
    ]
    path = f"/api/deployments/{deployment}/webhook/regenerate"

    first = await door.data("POST", path, {"endpointId": "wep_hook", "graceSeconds": 604_800})
    second = await door.data("POST", path, {"endpointId": "wep_hook"})

    assert [first["webhookSecret"], second["webhookSecret"]] == ["a1b2-1", "a1b2-2"]
    assert stored_hooks(door, deployment) == [
        {"nodeId": "other", "secretRotation": 4},
        {
            "nodeId": "hook",
            "signature": {"scheme": "github"},
            "secretRotation": 2,
            "previousSecretSeconds": 0,
        },
    ]


async def test_the_number_is_new_also_when_the_spec_has_lost_it(
    door: Door, deployment: str
) -> None:
    """A manifest was applied that says nothing of webhooks; the Secret knows the last number."""
    path = f"/api/deployments/{deployment}/webhook/regenerate"
    await door.data("POST", path, {"endpointId": "wep_hook"})
    door.operator.is_deaf = True
    key = ("patterndeployments", "team-a", deployment.replace("_", "-", 1))
    del door.cluster.objects[key]["spec"]["webhooks"]
    door.operator.is_deaf = False

    answer = await door.data("POST", path, {"endpointId": "wep_hook"})

    assert answer == {"webhookSecret": "a1b2-2"}


async def test_callers_at_once_are_told_the_secret_that_survives(
    door: Door, deployment: str
) -> None:
    """The last number wins, and all wait for it: nobody is given a secret that is no good."""
    path = f"/api/deployments/{deployment}/webhook/regenerate"
    door.operator.is_deaf = True
    calls = [
        asyncio.create_task(door.data("POST", path, {"endpointId": "wep_hook"})) for _ in range(4)
    ]
    await until(lambda: (stored_hooks(door, deployment) or [{}])[0].get("secretRotation") == 4)
    door.operator.is_deaf = False
    await door.data("POST", f"/api/deployments/{deployment}/redeploy")

    told = await asyncio.gather(*calls)

    assert told == [{"webhookSecret": "a1b2-4"}] * 4


async def test_what_engines_have_not_confirmed_is_202_without_a_secret(
    door: Door, deployment: str
) -> None:
    """It goes on by itself; the list shows the secret once it is there."""
    door.operator.is_deaf = True
    path = f"/api/deployments/{deployment}/webhook/regenerate?wait=0"

    answer = await door.call("POST", path, {"endpointId": "wep_hook"})

    assert (answer.status_code, answer.json()["data"]) == (202, {"webhookSecret": None})
    assert stored_hooks(door, deployment)[0]["secretRotation"] == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "body.endpointId"),
        ({"endpointId": 5}, "body.endpointId"),
        ({"endpointId": "x" * 65}, "body.endpointId"),
        ({"endpointId": "wep_hook", "graceSeconds": -1}, "body.graceSeconds"),
        ({"endpointId": "wep_hook", "graceSeconds": 604_801}, "body.graceSeconds"),
        ({"endpointId": "wep_hook", "graceSeconds": 1.5}, "body.graceSeconds"),
        ({"endpointId": "wep_hook", "graceSeconds": "60"}, "body.graceSeconds"),
        ({"endpointId": "wep_hook", "graceSeconds": True}, "body.graceSeconds"),
        ({"endpointId": "wep_hook", "grace": 1}, "body.grace"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    door: Door, deployment: str, body: dict[str, Any], path: str
) -> None:
    """400 names the field; the secret stays."""
    answer = await door.call("POST", f"/api/deployments/{deployment}/webhook/regenerate", body)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert [detail["path"] for detail in error["details"]] == [path]
    assert stored_hooks(door, deployment) is None


@pytest.mark.parametrize("id_", ["wep_none", "whk_hook", "", "../x"])
async def test_an_endpoint_that_is_not_there_is_404(door: Door, deployment: str, id_: str) -> None:
    """Its own code, for both calls; a deployment that is not there has the deployment's."""
    path = f"/api/deployments/{deployment}/webhook"

    answers = [
        await door.call("POST", f"{path}/regenerate", {"endpointId": id_}),
        await door.call("GET", f"{path}/snippets", params={"endpointId": id_}),
    ]
    absent = await door.call(
        "POST", "/api/deployments/dep_no/webhook/regenerate", {"endpointId": id_}
    )

    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert absent.json()["error"]["code"] == "DEPLOYMENT_NOT_FOUND"
    assert stored_hooks(door, deployment) is None


async def test_snippets_want_an_endpoint(door: Door, deployment: str) -> None:
    """400 names the query parameter."""
    answer = await door.call("GET", f"/api/deployments/{deployment}/webhook/snippets")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")
    assert answer.json()["error"]["details"][0]["path"] == "query.endpointId"


@pytest.mark.parametrize("forbidden", ["update secrets", "get secrets"])
async def test_a_new_secret_needs_the_right_to_change_and_to_see_it(
    door: Door, deployment: str, forbidden: str
) -> None:
    """Else one could lock senders out, or be shown what one may not see."""
    path = f"/api/deployments/{deployment}/webhook/regenerate"

    answer = await door.call("POST", path, {"endpointId": "wep_hook"}, headers=bob(door, forbidden))

    verb, _, part = forbidden.partition(" ")
    assert answer.status_code == 403
    assert f"{verb} patterndeployments/{part}" in answer.json()["error"]["message"]
    assert stored_hooks(door, deployment) is None


async def _snippets(door: Door, deployment: str, **options: Any) -> dict[str, str]:
    path = f"/api/deployments/{deployment}/webhook/snippets?endpointId=wep_hook"
    snippets: dict[str, str] = await door.data("GET", path, **options)
    return snippets


async def test_snippets_hold_the_url_and_the_secret_as_a_default(
    door: Door, deployment: str
) -> None:
    """All four; the environment variable comes first."""
    (endpoint,) = await door.data("GET", f"/api/deployments/{deployment}/webhook")

    for snippet in (await _snippets(door, deployment)).values():
        assert endpoint["webhookUrl"] in snippet
        assert "DRAGOPS_WEBHOOK_SECRET" in snippet
        assert "a1b2" in snippet
        assert "POST" in snippet
        assert "Hello, main" in snippet


async def test_snippets_hide_the_secret_from_who_may_not_see_it(
    door: Door, deployment: str
) -> None:
    """The variable must be set then, and each program says so."""
    hidden = await _snippets(door, deployment, headers=bob(door, "get secrets"))

    for snippet in hidden.values():
        assert "a1b2" not in snippet
        assert "Set DRAGOPS_WEBHOOK_SECRET to the signing secret of this webhook" in snippet


@pytest.mark.parametrize(
    ("methods", "wanted"),
    [
        ((), "POST"),
        (("PUT", "POST"), "PUT"),
        (("GET", "POST"), "GET"),
        (("DELETE",), "DELETE"),
        (("GET", "POST", "PUT", "PATCH", "DELETE"), "POST"),
    ],
)
async def test_snippets_use_the_first_method_that_the_live_version_takes(
    door: Door, methods: tuple[str, ...], wanted: str
) -> None:
    """POST where it takes all; a GET sends no body."""
    _, deployment = await door.deployed(taking(*methods))

    snippets = await _snippets(door, deployment)

    assert f"-X '{wanted}'" in snippets["curl"]
    assert f"method='{wanted}'" in snippets["python"]
    assert f'method: "{wanted}"' in snippets["javascript"]
    assert f"Method = '{wanted}'" in snippets["pwsh"]
    assert ("Hello" in snippets["curl"]) is (wanted != "GET")


async def test_snippets_sign_for_the_endpoints_scheme(door: Door, deployment: str) -> None:
    """GitHub's header where GitHub is the sender."""
    key = ("patterndeployments", "team-a", deployment.replace("_", "-", 1))
    hooks = [{"nodeId": "hook", "signature": {"scheme": "github"}}]
    plain = await _snippets(door, deployment)
    door.cluster.objects[key]["spec"]["webhooks"] = hooks
    await door.data("POST", f"/api/deployments/{deployment}/redeploy")

    github = await _snippets(door, deployment)

    for name, snippet in plain.items():
        assert "X-Webhook-Signature" in snippet
        assert "X-Hub-Signature-256" in github[name]


async def test_a_program_of_somebody_else_is_never_read(door: Door, deployment: str) -> None:
    """A ConfigMap of that name that another owner has put there says nothing of our methods."""
    (name,) = [
        name for kind, _, name in door.cluster.objects if kind == "configmaps" and "-v1-" in name
    ]
    stored = door.cluster.objects["configmaps", "team-a", name]
    stored["metadata"]["ownerReferences"] = [{"uid": "another"}]
    stored["binaryData"] = {"manifest.json.gz": "bm90IGd6aXA="}

    assert "-X 'POST'" in (await _snippets(door, deployment))["curl"]


async def test_captured_events_need_an_engine_that_tells(door: Door, deployment: str) -> None:
    """They are in its memory, and nowhere else."""
    answer = await door.call("GET", f"/api/deployments/{deployment}/webhook/captured")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ENGINE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
