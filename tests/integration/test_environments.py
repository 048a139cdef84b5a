"""Environments from the resource to the run: API server, operator and engine are real."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, SECRETS, Cluster
from dragops.errors import Refused
from support.operator_processes import engine_env, operator_env, operator_process
from support.operator_stage import Stage, condition, is_ready, staged
from support.processes import Process, free_port
from support.tokens import Issuer

pytestmark = pytest.mark.timeout(120)

TELLS: dict[str, Any] = {
    "nodes": [
        {"id": "start", "type": "OnStart"},
        {"id": "region", "type": "GetEnvironment", "values": {"name": "REGION"}},
        {"id": "token", "type": "GetSecret", "values": {"name": "TOKEN"}},
        {"id": "same", "type": "Equal", "values": {"b": "second-value"}},
        {"id": "text", "type": "Format", "values": {"template": "{region} {same} {token}"}},
        {"id": "tell", "type": "ThrowError"},
    ],
    "wires": [
        {"from": "start.exec", "to": "tell.exec"},
        {"from": "token.value", "to": "same.a"},
        {"from": "region.value", "to": "text.region"},
        {"from": "same.result", "to": "text.same"},
        {"from": "token.value", "to": "text.token"},
        {"from": "text.result", "to": "tell.message"},
    ],
}
"""Fails with what it has read: the region, and whether the token is the second one."""
LABEL = "dragops.dev/environment"


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage:
        yield stage


class Installed:
    """A stage with an engine that runs, and somebody who executes deployments."""

    def __init__(self, stage: Stage, url: str, token: str) -> None:
        self.stage, self._url, self._token = stage, url, token

    async def told(self, deployment: str = "dep-a") -> str:
        """Run a deployment and give the type and message of its failure."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{self._url}/internal/execute",
                json={"deployment": deployment},
                headers={"Authorization": f"Bearer {self._token}"},
            )
        assert answer.status_code == 200, answer.text
        error = answer.json()["error"]
        return f"{error['type']}: {error['message']}"

    async def until_told(self, wanted: str) -> None:
        found = ""
        async with asyncio.timeout(15):
            while wanted not in found:
                await asyncio.sleep(0.05)
                found = await self.told()

    async def environment(self, name: str, **spec: Any) -> None:
        """Write an Environment as kubectl does."""
        body = {"apiVersion": "dragops.dev/v1", "kind": "Environment", "metadata": {"name": name}}
        await self.stage.admin.apply(
            ENVIRONMENTS, self.stage.workspace, body | {"spec": spec}, manager="test"
        )

    async def secret(self, name: str, value: str, *, label: str | None = "true") -> None:
        """Write a Secret with one key."""
        data = {"TOKEN": base64.b64encode(value.encode()).decode()}
        metadata = {"name": name, "labels": {LABEL: label} if label else {}}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        await self.stage.admin.apply(SECRETS, self.stage.workspace, body, manager="test")

    async def deployed(self) -> Any:
        """Give what is told of the deployment once it is ready."""
        return (await self.stage.until(DEPLOYMENTS, "dep-a", is_ready))["status"]

    async def reasons(self, name: str, is_so: Callable[[str], bool]) -> None:
        """Wait until a deployment's environment is told about as it should be."""
        await self.stage.until(
            DEPLOYMENTS, name, lambda o: is_so(condition(o, "EnvironmentReady").get("reason", ""))
        )


@asynccontextmanager
async def installed(stage: Stage) -> AsyncIterator[Installed]:
    port, recorder_port = free_port(), free_port()
    place = stage.folder / "recorder"
    place.mkdir()
    issuer = Issuer(place)
    recorder_token = issuer.token_file(
        f"{stage.workspace}:dragops-engine", audience="dragops-recorder"
    )
    recorder = {
        "DRAGOPS_STORE": str(place / "runs.db"),
        "DRAGOPS_JWKS": str(issuer.jwks),
        "DRAGOPS_PORT": str(recorder_port),
        "DRAGOPS_TRUSTED": "dragops:dragops-api",
    }
    address = f"{stage.workspace}=http://127.0.0.1:{port}"
    with operator_process(stage, await operator_env(stage, address)):
        await stage.pattern("p", TELLS)
        await stage.deployment("dep-a", environmentRef={"name": "production"})
        env = await engine_env(stage, port) | {
            "DRAGOPS_RECORDER_URL": f"http://127.0.0.1:{recorder_port}",
            "DRAGOPS_RECORDER_TOKEN_FILE": str(recorder_token),
            "DRAGOPS_SECRET_SECONDS": "0.5",
        }
        token = await stage.token(stage.release, "dragops-operator", "dragops-engine")
        with (
            Process(
                "dragops_api.recorder",
                recorder,
                ready_url=f"http://127.0.0.1:{recorder_port}/readyz",
            ),
            Process("dragops.engine", env, ready_url=f"http://127.0.0.1:{port}/readyz"),
        ):
            yield Installed(stage, f"http://127.0.0.1:{port}", token)


async def test_a_changed_value_is_used_without_a_new_version(stage: Stage) -> None:
    """A variable by a new bundle, a secret by looking again; no secret in what is told."""
    async with installed(stage) as running:
        await running.reasons("dep-a", lambda reason: reason == "EnvironmentMissing")
        await running.secret("keys", "first-value")
        await running.environment(
            "production", variables={"REGION": "eu"}, secretRef={"name": "keys"}
        )
        before = await running.deployed()
        assert await running.told() == "ThrownError: eu false ***"

        await running.environment(
            "production", variables={"REGION": "us"}, secretRef={"name": "keys"}
        )
        await running.until_told("us false ***")
        await running.secret("keys", "second-value")
        await running.until_told("us true ***")

        after = await running.deployed()
        assert (before["versionNumber"], after["versionNumber"]) == (1, 1)
        assert before["program"] == after["program"]
        assert after["environment"] == {"name": "production", "secretName": "keys"}


async def test_a_secret_without_the_label_is_not_read(stage: Stage) -> None:
    """Not by the engine, whose Role does not name it, and no longer once the label is gone."""
    async with installed(stage) as running:
        await running.secret("bank", "first-value", label=None)
        await running.environment("production", secretRef={"name": "bank"})
        await running.reasons("dep-a", lambda reason: reason == "SecretNotLabelled")
        config = await stage.kubeconfig_of(stage.workspace, "dragops-engine")
        async with await Cluster.connect(str(config)) as engine:
            with pytest.raises(Refused):
                await engine.get(SECRETS, stage.workspace, "bank")

            await running.secret("bank", "first-value")
            await running.deployed()
            assert "***" in await running.told()
            assert await engine.get(SECRETS, stage.workspace, "bank")

        await running.secret("bank", "first-value", label=None)
        await running.until_told("KeyError")
