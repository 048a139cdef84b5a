"""Deployments at the API's door: what is answered, and what is written."""

import pytest

from dragops.cluster.client import DEPLOYMENTS
from support.api_door import Door, until
from support.product import LOGGER, graph

HELLO = graph(
    {"start": ("OnStart", {}), "log": ("Log", {"message": "hi"})}, "start.exec -> log.exec"
)
BROKEN = graph({"a": ("Lgo", {}), "b": ("Log", {})}, "a.exec -> c.exec")


async def _code(door: Door, method: str, path: str) -> tuple[int, str]:
    answer = await door.call(method, path)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


async def test_a_deploy_makes_the_deployment_of_the_patterns_name(door: Door) -> None:
    """OnRelease, Active, a release bound to this generation, and who asked for it."""
    pattern, deployment = await door.deployed(LOGGER)

    name = pattern.replace("_", "-", 1)
    assert deployment == f"dep_{name}"
    made = await door.cluster.get(DEPLOYMENTS, "team-a", f"dep-{name}")
    assert made["spec"]["patternRef"] == {"name": name}
    assert made["spec"]["updatePolicy"] == "OnRelease"
    assert made["spec"]["release"]["patternGeneration"] == 1
    assert made["metadata"]["annotations"]["dragops.dev/changed-by"].endswith(":ada")


async def test_a_second_deploy_is_the_next_version_and_keeps_the_policy(door: Door) -> None:
    """REST sets updatePolicy at creation only."""
    pattern, deployment = await door.deployed(LOGGER)
    name = deployment.replace("_", "-", 1)
    await door.cluster.merge_patch(
        DEPLOYMENTS, "team-a", name, {"spec": {"updatePolicy": "Automatic"}}
    )

    await door.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    status = await door.data("GET", f"/api/patterns/{pattern}/deployment")
    assert (status["status"], status["versionNumber"]) == ("active", 2)
    made = await door.cluster.get(DEPLOYMENTS, "team-a", name)
    assert made["spec"]["updatePolicy"] == "Automatic"


async def test_a_pattern_with_faults_is_422_with_all_of_them_and_nothing_is_written(
    door: Door,
) -> None:
    """The compiler speaks first."""
    created = await door.data("POST", "/api/patterns", {"name": "B", "graphData": BROKEN})
    before = list(door.cluster.writes)

    answer = await door.call(
        "POST", f"/api/patterns/{created['id']}/deploy", {"nodeDefinitions": {}}
    )

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "COMPILATION_FAILED")
    assert {"UNKNOWN_NODE", "NO_TRIGGER"} <= {fault["code"] for fault in error["details"]}
    assert door.cluster.writes == before


async def test_a_deploy_that_is_not_confirmed_is_202_pending(door: Door) -> None:
    """It goes on by itself; the same body, another word."""
    door.operator.is_deaf = True
    created = await door.data("POST", "/api/patterns", {"name": "P", "graphData": LOGGER})

    answer = await door.call(
        "POST", f"/api/patterns/{created['id']}/deploy?wait=0", {"nodeDefinitions": {}}
    )

    assert answer.status_code == 202
    assert answer.json()["data"] == {
        "deploymentId": f"dep_{created['id'].replace('_', '-', 1)}",
        "status": "pending",
        "versionNumber": None,
        "triggers": [{"type": "OnWebhook", "nodeId": "hook"}],
    }


async def test_a_deploy_that_fails_for_good_does_not_wait(door: Door) -> None:
    """The operator found what the API's compiler did not: the answer says failed at once."""
    door.operator.fails = True
    created = await door.data("POST", "/api/patterns", {"name": "P", "graphData": LOGGER})

    done = await door.data("POST", f"/api/patterns/{created['id']}/deploy", {"nodeDefinitions": {}})

    assert done["status"] == "failed"


async def test_states_follow_the_contract(door: Door) -> None:
    """Each call where it may be made, and its code where it may not."""
    pattern, deployment = await door.deployed(LOGGER)
    path = f"/api/deployments/{deployment}"

    assert await _code(door, "POST", f"{path}/resume") == (400, "NOT_PAUSED")
    assert await door.data("POST", f"{path}/pause") == {"status": "paused"}
    assert await _code(door, "POST", f"{path}/pause") == (400, "ALREADY_PAUSED")
    assert await _code(door, "POST", f"{path}/execute") == (400, "PAUSED")
    assert await door.data("POST", f"{path}/resume") == {"status": "active"}
    undeploy = f"/api/patterns/{pattern}/deploy"
    assert await door.data("DELETE", undeploy) == {"status": "undeployed"}
    assert await door.data("DELETE", undeploy) == {"status": "undeployed"}
    for call in ("pause", "resume", "redeploy", "execute"):
        assert await _code(door, "POST", f"{path}/{call}") == (400, "NOT_ACTIVE"), call
    status = await door.data("GET", f"/api/patterns/{pattern}/deployment")
    assert status["status"] == "undeployed"
    again = await door.data("POST", undeploy, {"nodeDefinitions": {}})
    assert again["status"] == "active"


async def test_a_deploy_of_a_paused_deployment_makes_it_active(door: Door) -> None:
    """The last word counts."""
    pattern, deployment = await door.deployed(LOGGER)
    await door.data("POST", f"/api/deployments/{deployment}/pause")

    done = await door.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    assert done["status"] == "active"


async def test_a_redeploy_moves_confirmed_at_and_nothing_else(door: Door) -> None:
    """The same version, pushed again."""
    pattern, deployment = await door.deployed(LOGGER)
    before = await door.data("GET", f"/api/patterns/{pattern}/deployment")

    done = await door.data("POST", f"/api/deployments/{deployment}/redeploy")

    after = await door.data("GET", f"/api/patterns/{pattern}/deployment")
    assert done == {"deploymentId": deployment, "status": "active"}
    assert after["versionNumber"] == before["versionNumber"]
    assert after["confirmedAt"] >= before["confirmedAt"]


async def test_a_call_that_engines_do_not_obey_in_time_is_202(door: Door) -> None:
    """The wish is stored; whoever waits for it sees it come true."""
    _, deployment = await door.deployed(LOGGER)
    door.operator.is_deaf = True

    answer = await door.call("POST", f"/api/deployments/{deployment}/pause?wait=0")

    assert (answer.status_code, answer.json()["data"]) == (202, {"status": "pending"})


async def test_who_writes_at_the_same_time_is_met_by_reading_again(door: Door) -> None:
    """Two conflicts, then the write goes through with the other's change in it."""
    _, deployment = await door.deployed(LOGGER)
    name, meddled = deployment.replace("_", "-", 1), []

    def meddle(verb: str, plural: str) -> None:
        if (verb, plural) == ("replace", "patterndeployments") and len(meddled) < 2:
            meddled.append(verb)
            stored = door.cluster.objects["patterndeployments", "team-a", name]
            stored["metadata"]["resourceVersion"] = f"9{stored['metadata']['resourceVersion']}"
            stored["metadata"].setdefault("labels", {})["by"] = "kubectl"

    door.cluster.fail = meddle

    assert await door.data("POST", f"/api/deployments/{deployment}/pause") == {"status": "paused"}
    made = await door.cluster.get(DEPLOYMENTS, "team-a", name)
    assert (made["metadata"]["labels"], len(meddled)) == ({"by": "kubectl"}, 2)


async def test_delete_is_404_from_the_moment_that_it_answered(door: Door) -> None:
    """Also while the watch has not told yet, and for everything below it."""
    pattern, deployment = await door.deployed(LOGGER)
    path = f"/api/deployments/{deployment}"

    done = await door.data("DELETE", path)

    assert done == {"id": deployment, "status": "deleted"}
    for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("GET", "/runs")):
        assert await _code(door, method, path + below) == (404, "DEPLOYMENT_NOT_FOUND"), below
    assert await _code(door, "GET", f"/api/patterns/{pattern}/deployment") == (
        404,
        "DEPLOYMENT_NOT_FOUND",
    )
    deletes = [(plural, name) for verb, plural, name in door.cluster.writes if verb == "delete"]
    name = deployment.replace("_", "-", 1)
    assert deletes == [("configmaps", f"{name}-live"), ("patterndeployments", name)]
    assert not [key for key in door.cluster.objects if key[0] in {"secrets", "configmaps"}]


async def test_a_config_map_of_somebody_else_is_not_deleted(door: Door) -> None:
    """A deployment's name must not lend its owner our rights."""
    _, deployment = await door.deployed(HELLO)
    name = f"{deployment.replace('_', '-', 1)}-live"
    stored = door.cluster.objects["configmaps", "team-a", name]
    stored["metadata"]["ownerReferences"] = [{"uid": "another"}]

    await door.data("DELETE", f"/api/deployments/{deployment}")

    assert ("configmaps", "team-a", name) in door.cluster.objects


async def test_rest_means_the_only_deployment_of_a_pattern_whatever_its_name(door: Door) -> None:
    """kubectl users name things as they like; two of them and REST cannot know."""
    created = await door.data("POST", "/api/patterns", {"name": "K", "graphData": LOGGER})
    name = created["id"].replace("_", "-", 1)
    spec = {"patternRef": {"name": name}}
    await door.cluster.create(DEPLOYMENTS, "team-a", {"metadata": {"name": "mine"}, "spec": spec})
    path = f"/api/patterns/{created['id']}/deploy"

    done = await door.data("POST", path, {"nodeDefinitions": {}})
    assert done["deploymentId"] == "mine"

    await door.cluster.create(DEPLOYMENTS, "team-a", {"metadata": {"name": "other"}, "spec": spec})
    await until(lambda: len(door.parts.deployment_view.values(["team-a"])) == 2)
    answer = await door.call("DELETE", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert "mine, other" in answer.json()["error"]["message"]


async def test_the_patterns_deployment_can_be_undeployed_after_the_pattern_is_gone(
    door: Door,
) -> None:
    """Deleting a pattern leaves its live version running; somebody must be able to stop it."""
    pattern, _ = await door.deployed(LOGGER)
    await door.data("DELETE", f"/api/patterns/{pattern}")
    door.operator.is_deaf = True

    answer = await door.call("DELETE", f"/api/patterns/{pattern}/deploy?wait=0")

    assert answer.status_code == 202


async def test_an_environment_that_does_not_exist_is_404(door: Door) -> None:
    """And nothing is deployed."""
    created = await door.data("POST", "/api/patterns", {"name": "E", "graphData": LOGGER})
    body = {"nodeDefinitions": {}, "environmentId": "env_abc123"}

    answer = await door.call("POST", f"/api/patterns/{created['id']}/deploy", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ENVIRONMENT_NOT_FOUND")
    assert not [key for key in door.cluster.objects if key[0] == "patterndeployments"]


async def test_a_list_is_newest_first_and_can_be_narrowed(door: Door) -> None:
    """By status; paged in both styles."""
    first, second, third = [(await door.deployed(LOGGER, name))[1] for name in ("A", "B", "C")]
    await door.data("POST", f"/api/deployments/{second}/pause")

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in await door.data("GET", f"/api/deployments{query}")]

    assert await ids("") == [third, second, first]
    assert await ids("?status=paused") == [second]
    assert await ids("?limit=2&page=2") == [first]
    assert await ids("?limit=1&offset=1") == [second]
    meta = (await door.call("GET", "/api/deployments?limit=2&page=2")).json()["meta"]
    assert meta == {"page": 2, "limit": 2, "total": 3, "totalPages": 2}


async def test_a_foreign_manager_of_the_field_is_named(door: Door) -> None:
    """Argo CD will change it back: the caller should know."""
    _, deployment = await door.deployed(LOGGER)
    stored = door.cluster.objects["patterndeployments", "team-a", deployment.replace("_", "-", 1)]
    stored["metadata"]["managedFields"] = [
        {"manager": "argocd-controller", "fieldsV1": {"f:spec": {"f:state": {}}}},
        {"manager": "dragops-api", "fieldsV1": {"f:spec": {"f:state": {}}}},
        {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:limits": {}}}},
    ]

    answer = await door.call("POST", f"/api/deployments/{deployment}/pause")

    assert answer.headers["Warning"] == '299 - "changed here, but managed by argocd-controller"'


@pytest.mark.parametrize("pattern", ["pat_nothere", "no such thing", "..", "x" * 41, "pat_"])
async def test_an_unknown_pattern_is_404(door: Door, pattern: str) -> None:
    """Whatever its id looks like."""
    answer = await door.call("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    assert answer.status_code == 404


def _view(*outputs: tuple[str, str]) -> dict[str, object]:
    pins = [{"name": name, "type": type_, "label": ""} for name, type_ in outputs]
    return {"id": "OnWebhook", "inputs": [], "outputs": pins}


@pytest.mark.parametrize(
    ("views", "status", "words"),
    [
        ({"OnWebhook": _view(("exec", "exec"), ("body", "object"))}, 200, ()),
        ({"OnWebhook": _view(("body", "any"))}, 200, ()),
        ({"OnWebhook": _view(("notUsed", "string"))}, 200, ()),
        ({"NeverUsed": {"inputs": 5}}, 200, ()),
        ({"OnWebhook": _view(("exec", "string"))}, 422, ("'exec' as string", "has Exec")),
        ({"OnWebhook": _view(("body", "blob"))}, 422, ("'body' as blob",)),
        ({"OnWebhook": {"inputs": 5}}, 400, ("nodeDefinitions.OnWebhook.inputs",)),
    ],
)
async def test_a_stale_list_of_nodes_is_found_at_deploy(
    door: Door, views: dict[str, object], status: int, words: tuple[str, ...]
) -> None:
    """Where the graph uses what the caller has otherwise than the catalogue."""
    created = await door.data("POST", "/api/patterns", {"name": "V", "graphData": LOGGER})
    body = {"nodeDefinitions": views}

    answer = await door.call("POST", f"/api/patterns/{created['id']}/deploy", body)

    assert answer.status_code == status, answer.text
    assert all(word in answer.text for word in words), answer.text
    assert status != 422 or "DEFINITION_MISMATCH" in answer.text
