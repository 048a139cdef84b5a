"""The operator as a process with the rights of the chart, and an engine with those it is given."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dragops.cluster.client import APP_DEPLOYMENTS, CONFIG_MAPS
from dragops.cluster.transport import log_in
from support.operator_stage import RecordingTransport, Stage
from support.processes import free_port


@contextmanager
def operator_process(stage: Stage, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the operator; its log is in the stage's folder."""
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
    """Give what the chart tells the operator."""
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
