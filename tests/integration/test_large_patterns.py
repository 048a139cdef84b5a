"""A pattern of one mebibyte, which is what a resource may hold."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dragops.cluster.client import PATTERNS
from dragops.model.pattern import PATTERN_BYTES_MAX, PatternSpec
from support.operator_stage import Stage, condition, staged

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage, stage.running():
        yield stage


async def test_a_pattern_may_take_a_whole_mebibyte(stage: Stage) -> None:
    """The API server stores it with its verdict; of one byte more the compiler tells."""
    await stage.pattern("whole", spec_of(PATTERN_BYTES_MAX))
    await stage.pattern("more", spec_of(PATTERN_BYTES_MAX + 1))

    whole = await stage.until(PATTERNS, "whole", is_judged)
    more = await stage.until(PATTERNS, "more", is_judged)

    assert condition(whole, "Valid")["status"] == "True"
    assert [each["code"] for each in more["status"]["problems"]] == ["TOO_LARGE"]


def spec_of(size: int) -> dict[str, Any]:
    """Give the spec of a pattern of that many bytes of JSON, in 4,000 nodes."""
    nodes = [
        {"id": f"n{at}", "type": "Log", "values": {"message": "x" * 150}} for at in range(4000)
    ]
    spec = {"nodes": [{"id": "start", "type": "OnStart"}, *nodes], "wires": []}
    missing = size - len(orjson.dumps(PatternSpec.model_validate(spec).as_json()))
    nodes[0]["values"] = {"message": "x" * (150 + missing)}
    return spec


def is_judged(found: dict[str, Any]) -> bool:
    return bool(condition(found, "Valid"))
