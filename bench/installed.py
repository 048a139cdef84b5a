"""What `make up` installed: from an apply to the engines' word, and what the pods hold in memory.

Reads `.local/env`, as a user's own tools would; needs a running `make up`.
"""

import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from bench.case import Options, Table, case
from dragops.cluster.client import DEPLOYMENTS, PATTERNS, Cluster
from dragops.model.condition import is_true
from dragops.model.deployment import PatternDeployment
from support.product import graph

_ENV = Path(__file__).parents[1] / ".local/env"
_APPLIES, _NODES = 50, 20
_MANAGER = "bench"
_SPEC: dict[str, Any] = {
    "title": "Applied by the bench",
    "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "log", "type": "Log"}],
    "wires": [{"from": "hook.exec", "to": "log.exec"}, {"from": "hook.body", "to": "log.message"}],
}


@case("apply")
def apply(_: Options) -> Table:
    """Measure 50 applies of a new pattern and deployment, one after another."""
    times = asyncio.run(_applies(_environment()))
    p95 = quantiles(times, n=20)[18]
    row = [len(times), median(times), p95, max(times)]
    head = ("applies", "p50 s", "p95 s", "max s")
    return Table("Apply of a pattern and its deployment -> confirmed by the engines", head, [row])


@case("deploy")
def deploy(_: Options) -> Table:
    """Measure REST deploys of a pattern with 20 nodes: the answer comes once engines obey."""
    env = _environment()
    times = [_deployed(env, number) for number in range(_APPLIES + 1)][1:]
    row = [len(times), median(times), quantiles(times, n=20)[18], max(times)]
    head = ("deploys", "p50 s", "p95 s", "max s")
    return Table("POST /api/patterns/{id}/deploy of 20 nodes -> active", head, [row])


@case("memory")
def memory(_: Options) -> Table:
    """Read what the kubelet says of each pod's memory."""
    rows = _pods(_environment()["KUBECONFIG"])
    head = ("pod", "container", "working set MiB", "RSS MiB")
    return Table("Memory of each pod", head, rows)


def _deployed(env: Mapping[str, str], number: int) -> float:
    headers = {"Authorization": f"Bearer {env['DRAGOPS_TOKEN']}"}
    body = {"name": f"Bench {number}", "graphData": _graph(_NODES)}
    with httpx.Client(base_url=env["DRAGOPS_URL"], headers=headers, timeout=60) as http:
        pattern = http.post("/api/patterns", json=body).raise_for_status().json()["data"]["id"]
        began = time.perf_counter()
        answer = http.post(f"/api/patterns/{pattern}/deploy", json={"nodeDefinitions": {}})
        took = time.perf_counter() - began
        deployed = answer.raise_for_status().json()["data"]
        assert deployed["status"] == "active", deployed  # noqa: S101  # a bench of what works
        http.delete(f"/api/deployments/{deployed['deploymentId']}").raise_for_status()
        http.delete(f"/api/patterns/{pattern}").raise_for_status()
    return took


def _graph(count: int) -> dict[str, Any]:
    """Give a webhook and a chain of logs, ``count`` nodes in all."""
    logs = {f"log{n}": ("Log", {"message": f"step {n}"}) for n in range(count - 1)}
    names = ["hook", *logs]
    wires = (f"{a}.exec -> {b}.exec" for a, b in pairwise(names))
    return graph({"hook": ("OnWebhook", {})} | logs, *wires)


async def _applies(env: dict[str, str]) -> list[float]:
    async with await Cluster.connect(env["KUBECONFIG"]) as cluster:
        times = []
        for number in range(_APPLIES + 1):
            times.append(await _applied(cluster, env["DRAGOPS_WORKSPACE"], f"bench-{number}"))
        return times[1:]  # the first one may have to wait for the pool


async def _applied(cluster: Cluster, namespace: str, name: str) -> float:
    pattern = {"apiVersion": "dragops.dev/v1", "kind": "Pattern"}
    deployment = {"apiVersion": "dragops.dev/v1", "kind": "PatternDeployment"}
    metadata = {"name": name, "namespace": namespace}
    spec = {"patternRef": {"name": name}}
    began = time.perf_counter()
    await cluster.apply(
        PATTERNS, namespace, pattern | {"metadata": metadata, "spec": _SPEC}, manager=_MANAGER
    )
    await cluster.apply(
        DEPLOYMENTS, namespace, deployment | {"metadata": metadata, "spec": spec}, manager=_MANAGER
    )
    async with asyncio.timeout(60):
        while not await _is_confirmed(cluster, namespace, name):  # noqa: ASYNC110  # asks a server
            await asyncio.sleep(0.01)
    took = time.perf_counter() - began
    await cluster.delete(DEPLOYMENTS, namespace, name)
    await cluster.delete(PATTERNS, namespace, name)
    return took


async def _is_confirmed(cluster: Cluster, namespace: str, name: str) -> bool:
    seen = PatternDeployment.of(await cluster.get(DEPLOYMENTS, namespace, name))
    return is_true(seen.status.conditions, "Registered")


def _pods(kubeconfig: str) -> list[list[str | float]]:
    kubectl = [sys.executable, "-m", "dragops_localcluster", "kubectl"]
    path = "/api/v1/nodes/node1/proxy/stats/summary"
    done = subprocess.run(  # noqa: S603  # our own kubectl
        [*kubectl, "--kubeconfig", kubeconfig, "get", "--raw", path],
        check=True,
        capture_output=True,
    )
    found: list[list[str | float]] = []
    for pod in json.loads(done.stdout)["pods"]:
        for container in pod["containers"]:
            used = container.get("memory", {})
            sizes = [used.get(key, 0) / 2**20 for key in ("workingSetBytes", "rssBytes")]
            found.append([pod["podRef"]["name"], container["name"], *sizes])
    return sorted(found)


def _environment() -> dict[str, str]:
    if not _ENV.exists():
        raise SystemExit("bench: .local/env is not there; run make up first")
    words = shlex.split(_ENV.read_text())
    return dict(os.environ) | dict(word.split("=", 1) for word in words if "=" in word)
