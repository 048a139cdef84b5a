"""The numbered examples as a folder each: API server and operator are real."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dragops.cluster.client import CONFIG_MAPS
from dragops.cluster.kinds import kind_of
from support.operator_stage import Stage, staged

pytestmark = pytest.mark.timeout(120)

FOLDERS = sorted(Path(__file__).parents[2].glob("examples/[0-9]*"))


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage, stage.running():
        yield stage


def _manifests() -> list[tuple[Path, dict[str, Any]]]:
    files = [path for folder in FOLDERS for path in sorted(folder.glob("*.yaml"))]
    return [(path, obj) for path in files for obj in yaml.safe_load_all(path.read_text())]


async def test_every_example_is_ready_with_the_program_that_stands_beside_it(stage: Stage) -> None:
    """Applied as kubectl does it, all in one workspace."""
    manifests = _manifests()
    await asyncio.gather(
        *(
            stage.admin.apply(kind_of(obj), stage.workspace, obj, manager="kubectl")
            for _, obj in manifests
        )
    )

    patterns = [(path, obj) for path, obj in manifests if obj["kind"] == "Pattern"]
    for path, obj in patterns:
        ready = await stage.ready(f"dep-{obj['metadata']['name']}")
        stored = ready["status"]["program"]["configMap"]
        program = await stage.admin.get(CONFIG_MAPS, stage.workspace, stored)
        module = path.stem.removesuffix("pattern").replace("-", "_").replace(".", "_")
        beside = path.with_name(f"{module}program.py")
        assert program["data"]["program.py"] == beside.read_text(), path
    assert len(patterns) > len(FOLDERS)  # one calls others
