"""A Python client that somebody else's generator made of the description works."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dragops_api.app import create_api
from dragops_api.described import described
from support.installation import installed_product
from support.product import LOGGER

pytestmark = pytest.mark.timeout(
    90
)  # generating takes a few seconds, and others may test beside us


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A package of this name can be imported."""
    folder, name = tmp_path_factory.mktemp("client"), "made_client"
    description, config = folder / "openapi.json", folder / "config.json"
    description.write_text(json.dumps(described(create_api())))
    # a file, as the generator has no word for YAML
    known = {"application/yaml": "application/octet-stream"}
    config.write_text(json.dumps({"post_hooks": [], "content_type_overrides": known}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", description, "--output-path", folder / name, "--config", config]
    done = subprocess.run(
        [*command, "--fail-on-warning"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield name
    sys.path.remove(str(folder))
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def _every_call(package: str) -> dict[str, Callable[..., Any]]:
    folder = Path(importlib.import_module(package).__file__ or "").parent
    return {
        path.stem: importlib.import_module(f"{package}.api.{path.parent.name}.{path.stem}").sync
        for path in folder.glob("api/*/*.py")
        if path.stem != "__init__"
    }


def test_every_operation_became_a_call(generated: str) -> None:
    """None was left out as not understood."""
    paths = described(create_api())["paths"].values()

    assert _every_call(generated).keys() == {op["operationId"] for p in paths for op in p.values()}


def test_a_life_from_create_to_delete(
    generated: str, cluster_kubeconfig: str, tmp_path: Path
) -> None:
    """Typed all the way; refusals are typed too."""
    models = importlib.import_module(f"{generated}.models")
    call = _every_call(generated)
    with installed_product(cluster_kubeconfig, tmp_path) as product:
        client = importlib.import_module(generated).AuthenticatedClient(
            base_url=product.url, token=product.token
        )
        with client:
            _live(call, models, client)


def _live(call: dict[str, Callable[..., Any]], models: ModuleType, client: Any) -> None:
    graph = models.GraphData.from_dict(LOGGER)
    wanted = models.PatternIn(name="Made by a client", description="d", graph_data=graph)
    pattern = call["create_pattern"](client=client, body=wanted).data
    renamed = models.PatternIn(name="Renamed")
    changed = call["update_pattern"](pattern.id, client=client, body=renamed).data
    assert (changed.name, changed.description) == ("Renamed", "d")

    order = models.DeployIn.from_dict({"nodeDefinitions": {}})
    deployed = call["deploy_pattern"](pattern.id, client=client, body=order).data
    assert (deployed.status, deployed.triggers[0].type_) == ("active", "OnWebhook")
    id_ = deployed.deployment_id
    shown = call["get_deployment"](id_, client=client).data
    assert shown.webhook_endpoints[0].webhook_secret
    assert id_ in {item.id for item in call["list_deployments"](client=client).data}

    event = models.ExecuteIn.from_dict({"eventData": {"message": "Manual test run"}})
    run = call["execute_deployment"](id_, client=client, body=event).data
    assert run.status == "completed"
    assert call["get_run"](run.run_id, client=client).data.triggered_by == "manual"
    assert [found.id for found in call["list_runs"](id_, client=client).data] == [run.run_id]
    assert call["summarise_health"](client=client).data.engine_status.value == "connected"

    assert call["pause_deployment"](id_, client=client).data.status == "paused"
    refused = call["pause_deployment"](id_, client=client)
    assert (type(refused).__name__, refused.error.code) == ("ErrorAnswer", "ALREADY_PAUSED")
    assert call["delete_deployment"](id_, client=client).data.status == "deleted"
    assert call["get_deployment"](id_, client=client).error.code == "DEPLOYMENT_NOT_FOUND"
