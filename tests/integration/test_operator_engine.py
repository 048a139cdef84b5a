"""The operator as a process, with kopf, and a real engine that confirms what it obeys."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import APP_DEPLOYMENTS, CONFIG_MAPS, DEPLOYMENTS, LEASES
from dragops.cluster.transport import log_in
from support.operator_stage import RecordingTransport, Stage, is_ready, staged
from support.processes import Process, free_port

pytestmark = pytest.mark.timeout(120)

HOOKED: dict[str, Any] = {
    "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "log", "type": "Log"}],
    "wires": [{"from": "hook.exec", "to": "log.exec"}],
}
_BAR_SECONDS = 1.0
"""design 12: from kubectl apply to confirmed, on an idle cluster."""


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage:
        yield stage


@contextmanager
def operator_process(stage: Stage, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    known = {key: os.environ[key] for key in ("PATH", "HOME")}
    log = (stage.folder / "operator.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "dragops_operator"], env=known | env, stderr=log
        ) as child,
    ):
        try:
            yield child
        finally:
            child.terminate()
            child.wait(15)


async def operator_env(stage: Stage, engines: str) -> dict[str, str]:
    config = await stage.kubeconfig_of(stage.release, "dragops-operator")
    return {
        "KUBECONFIG": str(config),
        "DRAGOPS_WORKSPACES": stage.workspace,
        "DRAGOPS_PUBLIC_URL": "https://hooks.example",
        "DRAGOPS_ENGINE_IMAGE": "localhost/dragops-engine:test",
        "DRAGOPS_RECORDER_URL": "http://127.0.0.1:1",
        "DRAGOPS_RELEASE_NAMESPACE": stage.release,
        "DRAGOPS_ENGINES": engines,
        "DRAGOPS_ENGINE_TOKEN_FILE": str(await stage.engine_token_file()),
        "DRAGOPS_PROBES_PORT": str(free_port()),
    }


async def engine_env(stage: Stage, port: int) -> dict[str, str]:
    """Give the environment that the pool's Deployment has, with the process's own places."""
    pool = await stage.until(APP_DEPLOYMENTS, "dragops-engine", lambda o: o["spec"])
    (container,) = pool["spec"]["template"]["spec"]["containers"]
    env = {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}
    transport = RecordingTransport(await log_in(str(stage.kubeconfig)))
    accepted = {"Accept": "application/jwk-set+json"}
    about = (CONFIG_MAPS, "")
    keys = await transport.call("GET", "/openid/v1/jwks", about=about, headers=accepted)
    await transport.close()
    jwks = stage.folder / "jwks.json"
    jwks.write_text(json.dumps(keys))
    recorder_token = stage.folder / "recorder-token"
    recorder_token.write_text(await stage.token(stage.workspace, "dragops-engine"))
    return env | {
        "KUBECONFIG": str(await stage.kubeconfig_of(stage.workspace, "dragops-engine")),
        "DRAGOPS_NAMESPACE": stage.workspace,
        "DRAGOPS_JWKS": str(jwks),
        "DRAGOPS_RECORDER_TOKEN_FILE": str(recorder_token),
        "DRAGOPS_PUBLIC_PORT": str(free_port()),
        "DRAGOPS_INTERNAL_PORT": str(port),
    }


async def test_an_engine_confirms_within_a_second_and_stopping_frees_the_lease(
    stage: Stage,
) -> None:
    """kopf, lease, rights of both accounts, signature, token for the internal port: all real."""
    port = free_port()
    address = f"{stage.workspace}=http://127.0.0.1:{port}"
    with operator_process(stage, await operator_env(stage, address)) as operator:
        await stage.pattern("p0", HOOKED)
        await stage.deployment("dep-0", "p0")
        env = await engine_env(stage, port)
        with Process("dragops.engine", env, ready_url=f"http://127.0.0.1:{port}/readyz"):
            await stage.ready("dep-0")
            taken = [await _seconds_to_ready(stage, number) for number in range(1, 6)]
        sys.stderr.write(f"apply -> confirmed: {sorted(round(t, 3) for t in taken)} s\n")
        assert sorted(taken)[2] < _BAR_SECONDS

        lease = await stage.admin.get(LEASES, stage.release, "dragops-operator")
        assert lease["spec"]["holderIdentity"]
        started = time.monotonic()
        operator.send_signal(signal.SIGTERM)
        assert operator.wait(15) == 0
        assert time.monotonic() - started < 10
    lease = await stage.admin.get(LEASES, stage.release, "dragops-operator")
    assert lease["spec"]["holderIdentity"] == ""


async def _seconds_to_ready(stage: Stage, number: int) -> float:
    started = time.perf_counter()
    await stage.pattern(f"p{number}", HOOKED)
    await stage.deployment(f"dep-{number}", f"p{number}")
    await stage.until(DEPLOYMENTS, f"dep-{number}", is_ready)
    return time.perf_counter() - started
