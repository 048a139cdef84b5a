"""Environments from the resource to the run: API server, operator and engine are real."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from dragops.cluster.client import CRON_JOBS, DEPLOYMENTS, ENVIRONMENTS, SECRETS, Cluster
from dragops.cluster.kinds import kind_of
from dragops.errors import Refused
from dragops.history.database import reading
from dragops.history.queries import RunQueries
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
TICKS: dict[str, Any] = {
    "nodes": [
        {"id": "tick", "type": "OnSchedule", "values": {"schedule": "0 0 1 1 *"}},
        {"id": "token", "type": "GetSecret", "values": {"name": "TOKEN"}},
        {"id": "log", "type": "Log"},
    ],
    "wires": [
        {"from": "tick.exec", "to": "log.exec"},
        {"from": "token.value", "to": "log.message"},
    ],
}
EXAMPLE = Path(__file__).parents[2] / "examples" / "03-environment"
LABEL = "dragops.dev/environment"


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage:
        yield stage


class Installed:
    """A stage with an engine that runs, and somebody who executes deployments."""

    def __init__(self, stage: Stage, url: str, token: str, store: Path) -> None:
        self.stage, self._url, self._token, self._store = stage, url, token, store

    async def run(self, deployment: str) -> Any:
        """Run a deployment to its end, as the API does."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{self._url}/internal/execute",
                json={"deployment": deployment},
                headers={"Authorization": f"Bearer {self._token}"},
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def told(self) -> str:
        """Run the deployment and give the type and message of its failure."""
        error = (await self.run("dep-a"))["error"]
        return f"{error['type']}: {error['message']}"

    async def logged(self, uid: str) -> list[str]:
        """Give the log of a deployment's only run, once its end is stored."""
        reader = reading(self._store)
        queries = RunQueries(reader)
        try:
            while (run := queries.list_runs(uid)[0][0]).status != "completed":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            return [str(entry["message"]) for entry in run.log_output]
        finally:
            reader.dispose()

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
            yield Installed(stage, f"http://127.0.0.1:{port}", token, place / "runs.db")


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


async def test_the_example_runs_in_its_environment(stage: Stage) -> None:
    """Applied as its README says; the log has the variable, and no secret."""
    async with installed(stage) as running:
        for path in sorted(EXAMPLE.glob("*.yaml")):
            for obj in yaml.safe_load_all(path.read_text()):
                await stage.admin.apply(kind_of(obj), stage.workspace, obj, manager="kubectl")
        await stage.until(ENVIRONMENTS, "production", is_ready)
        uid = (await stage.ready("dep-greet-region"))["metadata"]["uid"]

        assert (await running.run("dep-greet-region"))["status"] == "completed"

        assert await running.logged(uid) == ["Hello eu, authorized by ***"]


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


async def test_a_ticks_pod_has_the_secret_as_long_as_it_may_be_read(stage: Stage) -> None:
    """The CronJob loses the volume again: server-side apply takes away what is left out."""
    async with stage.running():
        running = Installed(stage, "", "", stage.folder)
        await running.secret("keys", "first-value")
        await running.environment("production", secretRef={"name": "keys"})
        await stage.pattern("ticking", TICKS)
        await stage.deployment("dep-t", "ticking", environmentRef={"name": "production"})
        ticking = await stage.ready("dep-t")
        name = ticking["status"]["schedules"][0]["cronJob"]

        def mounted(job: Any) -> set[str]:
            pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            return {
                volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume
            }

        await stage.until(CRON_JOBS, name, lambda job: mounted(job) == {"keys"})
        await running.environment("production", variables={"REGION": "eu"})
        await stage.until(CRON_JOBS, name, lambda job: mounted(job) == set())
