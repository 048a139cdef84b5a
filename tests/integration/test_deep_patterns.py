"""A pattern of thousands of levels, which the API server stores as any other."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from dragops.cluster.transport import Transport, log_in
from support.operator_processes import operator_env, operator_process
from support.operator_stage import Stage, condition, staged

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage:
        yield stage


async def test_a_pattern_that_no_parser_can_read_stops_nobody_else(
    stage: Stage, cluster_kubeconfig: str
) -> None:
    """The operator finds it while it lists and while it watches; others get their verdicts."""
    transport = Transport(await log_in(cluster_kubeconfig))
    await store_deep(transport, stage, "deep-before")
    async with stage.running():
        await stage.pattern("first", {"nodes": [{"id": "s", "type": "OnStart"}]})
        first = await stage.until(PATTERNS, "first", is_judged)
        await store_deep(transport, stage, "deep-later")
        await stage.pattern("second", {"nodes": [{"id": "s", "type": "OnStart"}]})
        second = await stage.until(PATTERNS, "second", is_judged)
        deep = [
            await stage.until(PATTERNS, name, is_judged) for name in ("deep-before", "deep-later")
        ]
    await transport.close()

    assert [condition(obj, "Valid")["status"] for obj in (first, second)] == ["True", "True"]
    assert [condition(obj, "Valid")["status"] for obj in deep] == ["False", "False"]


async def test_the_process_with_kopf_in_it_lives_on(stage: Stage, cluster_kubeconfig: str) -> None:
    """kopf reads the answers of the API server by a parser of its own."""
    transport = Transport(await log_in(cluster_kubeconfig))
    await store_deep(transport, stage, "deep-before")
    with operator_process(stage, await operator_env(stage, "")) as operator:
        await stage.pattern("first", {"nodes": [{"id": "s", "type": "OnStart"}]})
        await stage.until(PATTERNS, "first", is_judged)
        await store_deep(transport, stage, "deep-later")
        await stage.pattern("second", {"nodes": [{"id": "s", "type": "OnStart"}]})
        for name in ("second", "deep-before", "deep-later"):
            await stage.until(PATTERNS, name, is_judged)
        operator.send_signal(signal.SIGTERM)
        assert operator.wait(15) == 0
    await transport.close()


def is_judged(obj: Any) -> bool:
    return bool(condition(obj, "Valid"))


async def store_deep(transport: Transport, stage: Stage, name: str) -> None:
    deep = "[" * 9_000 + "]" * 9_000
    text = (
        f'{{"apiVersion": "dragops.dev/v1", "kind": "Pattern", "metadata": {{"name": "{name}"}},'
        f' "spec": {{"nodes": [{{"id": "s", "type": "OnStart"}}], "editor": {{"x": {deep}}}}}}}'
    )
    path = f"/apis/dragops.dev/v1/namespaces/{stage.workspace}/patterns"
    headers = {"Content-Type": "application/json"}
    async with transport.request(
        "POST", path, about=(PATTERNS, name), data=text.encode(), headers=headers
    ) as answer:
        assert answer.status == 201
