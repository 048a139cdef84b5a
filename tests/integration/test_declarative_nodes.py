"""Declarative nodes from the resource to the program: API server and operator are real."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, ENVIRONMENTS, PATTERNS
from dragops.cluster.kinds import kind_of
from dragops.errors import Rejected
from dragops.model.deployment import DeploymentSpec
from support.declared import definition_json
from support.operator_stage import Stage, condition, is_ready, staged

pytestmark = pytest.mark.timeout(120)

EXAMPLES = Path(__file__).parents[2] / "examples" / "packs"
NAMES = {"chat": "tell-the-team", "issues": "alert-to-issue", "weather": "weather-at"}
ASKING: dict[str, Any] = {
    "nodes": [{"id": "start", "type": "OnStart"}, {"id": "get", "type": "GetUser"}],
    "wires": [{"from": "start.exec", "to": "get.exec"}],
}


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage, stage.running():
        yield stage


def text(*path: str) -> str:
    return EXAMPLES.joinpath(*path).read_text()


async def apply(stage: Stage, *path: str) -> None:
    """Apply a file of the examples as kubectl does."""
    for obj in yaml.safe_load_all(text(*path)):
        await stage.admin.apply(kind_of(obj), stage.workspace, obj, manager="kubectl")


async def test_the_examples_are_ready_as_their_readme_applies_them(stage: Stage) -> None:
    """The program beside each example is what the operator has stored; the pattern is valid."""
    await apply(stage, "environment.yaml")
    await stage.until(ENVIRONMENTS, "packs", is_ready)
    for folder, name in NAMES.items():
        await apply(stage, folder, "pattern.yaml")
        await apply(stage, folder, "deployment.yaml")

        ready = await stage.ready(f"dep-{name}")

        stored = ready["status"]["program"]["configMap"]
        program = await stage.admin.get(CONFIG_MAPS, stage.workspace, stored)
        assert program["data"]["program.py"] == text(folder, "program.py")
        await stage.until(PATTERNS, name, is_ready)


async def test_what_the_api_server_makes_of_a_definition_is_compiled_once(stage: Stage) -> None:
    """Its defaults change nothing; a second look writes nothing; a change is the next version."""
    body = {"n": None, "list": [1, {"a": None}], "text": "{id}"}
    declared = definition_json(inputs=("id",), request={"method": "POST", "body": body})
    await stage.pattern("p", ASKING)
    await stage.deployment("dep-a", nodeDefinitions={"GetUser": declared})
    ready = await stage.ready("dep-a")
    await stage.idle()
    before = list(stage.transport.writes)

    await stage.operator.resync(0)
    await stage.idle()

    kept = DeploymentSpec.model_validate(ready["spec"]).node_definitions["GetUser"]
    assert kept.request.body == body
    assert stage.transport.writes == before
    changed = declared | {"timeout": 5}
    await stage.deployment("dep-a", nodeDefinitions={"GetUser": changed})
    await stage.until(DEPLOYMENTS, "dep-a", lambda d: d["status"].get("versionNumber") == 2)


async def test_a_definition_that_compiles_to_nothing_leaves_what_is_live(stage: Stage) -> None:
    """kubectl sees the fault with its place, at the deployment and at the pattern."""
    await stage.pattern("p", ASKING)
    await stage.deployment("dep-a", nodeDefinitions={"GetUser": definition_json()})
    await stage.ready("dep-a")
    wrong = definition_json(request={"url": "https://a.test/{nobody}"})

    await stage.deployment("dep-a", nodeDefinitions={"GetUser": wrong})

    def is_told(found: dict[str, Any]) -> bool:
        compiled = condition(found, "Compiled")
        return compiled["status"] == "False" and "{nobody} is no input" in compiled["message"]

    found = await stage.until(DEPLOYMENTS, "dep-a", is_told)
    assert found["status"]["versionNumber"] == 1
    await stage.until(PATTERNS, "p", lambda p: condition(p, "Valid")["status"] == "False")


async def test_a_view_of_a_catalogue_node_is_compared_with_the_catalogue(stage: Stage) -> None:
    """A manifest may say what its author has of a node, as the deploy call may."""
    logging = {"nodes": [{"id": "start", "type": "OnStart"}, {"id": "say", "type": "Log"}]}
    await stage.pattern("p", logging | {"wires": [{"from": "start.exec", "to": "say.exec"}]})
    fitting = {"inputs": [{"name": "exec", "type": "exec"}]}
    await stage.deployment("dep-a", nodeDefinitions={"Log": fitting})
    await stage.ready("dep-a")

    stale = {"inputs": [{"name": "exec", "type": "string"}]}
    await stage.deployment("dep-a", nodeDefinitions={"Log": stale})

    def is_told(found: dict[str, Any]) -> bool:
        compiled = condition(found, "Compiled")
        return compiled["status"] == "False" and "the catalogue has Exec" in compiled["message"]

    found = await stage.until(DEPLOYMENTS, "dep-a", is_told)
    assert found["status"]["versionNumber"] == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"request": {}}, "url: Required"),
    ({"request": {"url": "https://a.test", "method": "TRACE"}}, "Unsupported value"),
    (definition_json(timeout=0), "greater than or equal to 1"),
    (definition_json(inputs=("a b",)), "inputs[0].name"),
    (definition_json(inputs=tuple(f"a{n}" for n in range(65))), "at most 64"),
]


async def test_a_misshapen_definition_is_refused_by_the_api_server(stage: Stage) -> None:
    for definition, told in REFUSED:
        with pytest.raises(Rejected) as refused:
            await stage.deployment("dep-a", nodeDefinitions={"GetUser": definition})

        assert told in str(refused.value)
