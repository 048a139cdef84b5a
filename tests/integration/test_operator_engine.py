"""The operator as a process, with kopf, and a real engine that confirms what it obeys."""

import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS, LEASES
from support.operator_processes import engine_env, operator_env, operator_process
from support.operator_stage import Stage, is_ready, staged
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
