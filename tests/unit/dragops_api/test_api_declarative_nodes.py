"""Declarative nodes at the API's door: taken with a deploy, kept with the version, or refused."""

from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS
from dragops.model.declared import DeclaredNode
from support.api_door import Door
from support.declared import definition_json
from support.product import LOGGER, graph

ASKING = graph(
    {"start": ("OnStart", {}), "get": ("GetUser", {"id": "7"}), "log": ("Log", {})},
    "start.exec -> get.exec",
    "get.exec -> log.exec",
    "get.name -> log.message",
)
USER = definition_json(
    inputs=("id",), request={"url": "https://api.test/{id}"}, response={"name": "/name"}
)
CALLED = 'declared.call(ctx, GET_USER, {"id": "7"})'


async def _made(door: Door, graph_data: dict[str, Any] = ASKING) -> str:
    created = await door.data("POST", "/api/patterns", {"name": "Ask", "graphData": graph_data})
    return f"/api/patterns/{created['id']}"


async def _stored(door: Door, deployment: str) -> dict[str, Any]:
    name = deployment.replace("_", "-", 1)
    found = await door.cluster.get(DEPLOYMENTS, "team-a", name)
    spec: dict[str, Any] = found["spec"]
    return spec


async def test_a_deploy_brings_the_nodes_that_the_graph_uses(door: Door) -> None:
    """They stand in the resource, in the program, and nothing else of the map does."""
    pattern = await _made(door)
    door.operator.makes_children = True
    views = {"GetUser": USER, "Unused": definition_json(), "Log": {"inputs": []}, "Odd": 5}

    made = await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": views})

    spec = await _stored(door, made["deploymentId"])
    assert spec["nodeDefinitions"].keys() == {"GetUser"}
    kept = DeclaredNode.model_validate(spec["nodeDefinitions"]["GetUser"])
    assert kept == DeclaredNode.model_validate(USER)
    path = f"/api/deployments/{made['deploymentId']}/versions/1/program"
    assert CALLED in (await door.data("GET", path))["text"]


async def test_the_next_deploy_says_anew_which_nodes_there_are(door: Door) -> None:
    """An empty map is the catalogue as it is: the graph does not compile, and nothing changes."""
    pattern = await _made(door)
    made = await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})
    before = await _stored(door, made["deploymentId"])

    answer = await door.call("POST", f"{pattern}/deploy", {"nodeDefinitions": {}})

    assert answer.status_code == 422
    assert [d["code"] for d in answer.json()["error"]["details"]] == ["UNKNOWN_NODE"]
    assert await _stored(door, made["deploymentId"]) == before


async def test_what_is_not_used_any_more_goes(door: Door) -> None:
    pattern = await _made(door)
    made = await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})
    await door.data("PUT", pattern, {"name": "Ask", "graphData": LOGGER})

    await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})

    assert not (await _stored(door, made["deploymentId"]))["nodeDefinitions"]


async def test_a_definition_that_means_the_same_is_left_as_it_was_written(door: Door) -> None:
    """So it stays with who has applied it, and a pipeline's next apply is no conflict."""
    pattern = await _made(door)
    made = await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})
    name = made["deploymentId"].replace("_", "-", 1)
    short = {"spec": {"nodeDefinitions": {"GetUser": USER}}}
    await door.cluster.merge_patch(DEPLOYMENTS, "team-a", name, short)
    before = (await _stored(door, made["deploymentId"]))["nodeDefinitions"]

    await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})

    assert (await _stored(door, made["deploymentId"]))["nodeDefinitions"] == before


async def test_redeploy_rollback_and_texts_ask_nobody_for_definitions(door: Door) -> None:
    """A version has all that it needs, also when the next one has other nodes."""
    pattern = await _made(door)
    door.operator.makes_children = True
    made = await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {"GetUser": USER}})
    await door.data("PUT", pattern, {"name": "Ask", "graphData": LOGGER})
    await door.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {}})
    deployment = f"/api/deployments/{made['deploymentId']}"

    await door.data("POST", f"{deployment}/rollback", {"version": 1})
    await door.data("POST", f"{deployment}/redeploy")

    assert CALLED in (await door.data("GET", f"{deployment}/versions/1/program"))["text"]
    assert (await door.data("GET", deployment))["versionNumber"] == 1


async def test_validate_and_dry_run_know_the_nodes_and_keep_nothing(door: Door) -> None:
    pattern = await _made(door)
    body = {"nodeDefinitions": {"GetUser": USER}}

    good = await door.data("POST", f"{pattern}/validate", body)
    bad = await door.data("POST", f"{pattern}/validate", {})
    preview = await door.data("POST", f"{pattern}/deploy?dryRun=true", body)

    assert (good["valid"], good["warnings"]) == (True, [])
    assert [fault["code"] for fault in bad["faults"]] == ["UNKNOWN_NODE"]
    assert f"+    get_name = await {CALLED}\n" in preview["diff"]
    assert not [d for d in door.cluster.writes if "patterndeployments" in str(d)]


@pytest.mark.parametrize(
    ("view", "path"),
    [
        (5, ""),
        ({"request": 5}, ".request"),
        ({"request": {}}, ".request.url"),
        ({"request": {"url": ""}}, ".request.url"),
        ({"request": {"url": "https://" + "a" * 4089}}, ".request.url"),
        ({"request": {"url": "https://a.test", "method": "TRACE"}}, ".request.method"),
        ({"request": {"url": "https://a.test", "basic_auth": {}}}, ".request.basic_auth"),
        ({"request": {"url": "https://a.test", "proxy": "x"}}, ".request.proxy"),
        (USER | {"inputs": [{"name": "a b", "type": "string"}]}, ".inputs.0.name"),
        (USER | {"inputs": [{"name": "a", "type": "string"}] * 65}, ".inputs"),
        (USER | {"timeout": 301}, ".timeout"),
        (USER | {"response": {"name": 5}}, ".response.name"),
        (USER | {"properties": []}, ".properties"),
    ],
)
async def test_a_misshapen_definition_is_a_bad_request(door: Door, view: Any, path: str) -> None:
    """Of a node that the graph uses; the answer names the field."""
    pattern = await _made(door)

    for call in ("deploy", "deploy?dryRun=true", "validate"):
        answer = await door.call(
            "POST", f"{pattern}/{call}", {"nodeDefinitions": {"GetUser": view}}
        )

        assert answer.status_code == 400, answer.text
        at = answer.json()["error"]["details"][0]["path"]
        assert at == f"body.nodeDefinitions.GetUser{path}"


async def test_what_a_definition_says_wrongly_is_a_fault_of_the_pattern(door: Door) -> None:
    """With its place, at the node that uses it; a view without a request defines nothing."""
    pattern = await _made(door)
    wrong = USER | {"request": {"url": "https://api.test/{nobody}"}}

    told = await door.data("POST", f"{pattern}/validate", {"nodeDefinitions": {"GetUser": wrong}})
    view = {"inputs": [], "outputs": []}
    unknown = await door.data("POST", f"{pattern}/validate", {"nodeDefinitions": {"GetUser": view}})

    assert [fault["nodeId"] for fault in told["faults"]] == ["get"]
    assert "its definition: request.url: {nobody} is no input" in told["faults"][0]["message"]
    assert [fault["code"] for fault in unknown["faults"]] == ["UNKNOWN_NODE"]


async def test_a_call_in_the_place_of_a_catalogue_node_names_both_sides(door: Door) -> None:
    pattern = await _made(door, LOGGER)

    body = {"nodeDefinitions": {"Log": definition_json()}}
    answer = await door.call("POST", f"{pattern}/deploy", body)

    [fault] = answer.json()["error"]["details"]
    assert (answer.status_code, fault["code"]) == (422, "DEFINITION_MISMATCH")
    assert "Log a call of its own, but the catalogue has a node of this name" in fault["message"]
