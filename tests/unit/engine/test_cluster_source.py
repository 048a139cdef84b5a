"""The cluster as a source: live ConfigMaps by watch, programs and Secrets by name."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.kinds import CONFIG_MAPS, SECRETS
from dragops.engine.deployed import Registry
from dragops.engine.engine import Engine
from dragops.engine.loader import Loader
from dragops.engine.settings import EngineSettings
from dragops.engine.signing_secrets import SigningSecrets
from dragops.engine.sources.cluster import ClusterSource
from dragops.errors import Unreachable
from dragops.model.bundle import LIVE_LABEL, Live, sign
from dragops.model.program import Program
from support.folder import SECRET, SignedFolder
from support.memory_cluster import MemoryCluster
from support.memory_recorder import MemoryRecorder
from support.programs import program

NAMESPACE = "team-a"
PROGRAM = program("pass")


@pytest.fixture
def folder(tmp_path: Path) -> SignedFolder:
    return SignedFolder(tmp_path)


def live_map(folder: SignedFolder, live: Live) -> dict[str, Any]:
    data = {"live.json": live.canonical().decode(), "live.sig": sign(live, folder.key)}
    return {
        "metadata": {
            "name": f"{live.deployment}-live",
            "namespace": NAMESPACE,
            "labels": {LIVE_LABEL: "true"},
        },
        "data": data,
    }


def program_map(name: str, made: Program, *, packed: bool = False) -> dict[str, Any]:
    manifest = base64.b64encode(made.manifest.packed()).decode()
    meta = {"name": name, "namespace": NAMESPACE}
    if packed:
        text = base64.b64encode(gzip.compress(made.text.encode())).decode()
        return {
            "metadata": meta,
            "binaryData": {"program.py.gz": text, "manifest.json.gz": manifest},
        }
    return {
        "metadata": meta,
        "data": {"program.py": made.text},
        "binaryData": {"manifest.json.gz": manifest},
    }


def secret(live: Live) -> dict[str, Any]:
    encoded = base64.b64encode(SECRET.encode()).decode()
    data = {f"{endpoint.node_id}.secret": encoded for endpoint in live.endpoints}
    name = live.endpoints[0].secret_name
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "data": data}


async def deploy(
    cluster: MemoryCluster, folder: SignedFolder, *, packed: bool = False
) -> dict[str, Any]:
    live = folder.deploy_program(PROGRAM)
    assert live.program
    await cluster.create(SECRETS, NAMESPACE, secret(live))
    made = program_map(live.program.config_map, PROGRAM, packed=packed)
    await cluster.create(CONFIG_MAPS, NAMESPACE, made)
    created: dict[str, Any] = await cluster.create(CONFIG_MAPS, NAMESPACE, live_map(folder, live))
    return created


@asynccontextmanager
async def loading(
    cluster: MemoryCluster, folder: SignedFolder
) -> AsyncIterator[tuple[Loader, Registry]]:
    registry = Registry()
    source = ClusterSource(cluster, NAMESPACE)  # type: ignore[arg-type]  # at its interface
    key = folder.key.public_key()
    loader, synced = Loader(source, registry, key=key, namespace=NAMESPACE), asyncio.Event()
    tasks = [
        asyncio.create_task(source.run(loader.changed, synced)),
        asyncio.create_task(loader.run()),
    ]
    try:
        await synced.wait()
        await loader.settled()
        yield loader, registry
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@pytest.mark.parametrize("packed", [False, True])
async def test_what_is_live_in_the_cluster_is_obeyed(folder: SignedFolder, packed: bool) -> None:
    """A large program is stored packed."""
    cluster = MemoryCluster()
    await deploy(cluster, folder, packed=packed)

    async with loading(cluster, folder) as (loader, registry):
        deployed = registry.get("dep-a")

    assert loader.errors == {}
    assert deployed is not None
    assert deployed.secrets == {"hook": SigningSecrets(SECRET.encode())}
    assert deployed.program is not None
    assert set(deployed.program.functions) == {"hook"}


async def test_engines_list_nothing_but_live_config_maps(folder: SignedFolder) -> None:
    """Their Role allows no more: programs and Secrets are GETs by name."""
    cluster = MemoryCluster()
    await deploy(cluster, folder)
    cluster.requests.clear()

    async with loading(cluster, folder):
        asked = {(verb, plural) for verb, plural, _ in cluster.requests}

    assert asked <= {
        ("list", "configmaps"),
        ("watch", "configmaps"),
        ("get", "configmaps"),
        ("get", "secrets"),
    }


async def test_a_live_config_map_that_goes_takes_its_webhooks_along(folder: SignedFolder) -> None:
    """The watch tells."""
    cluster = MemoryCluster()
    await deploy(cluster, folder)

    async with loading(cluster, folder) as (_, registry):
        await cluster.delete(CONFIG_MAPS, NAMESPACE, "dep-a-live")
        while registry.get("dep-a"):  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)

        assert registry.route(folder.deploy_program(PROGRAM).endpoints[0].webhook_id) is None


async def test_a_program_that_cannot_be_fetched_is_fetched_again(folder: SignedFolder) -> None:
    """With back-off, until the API server answers."""
    cluster = MemoryCluster()
    await deploy(cluster, folder)

    def away(verb: str, _plural: str) -> None:
        if verb == "get":
            raise Unreachable("the API server")

    cluster.fail = away
    async with loading(cluster, folder) as (loader, registry):
        told = loader.errors["dep-a"]
        cluster.fail = lambda _verb, _plural: None
        while registry.get("dep-a") is None:  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)

    assert "cannot be reached" in told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": {}}, "lacks live.json or live.sig"),
        ({"data": {"live.json": "{}", "live.sig": "AAAA"}}, "signature is not the operator's"),
    ],
)
async def test_a_broken_live_config_map_is_an_error_and_no_crash(
    folder: SignedFolder, change: dict[str, Any], reason: str
) -> None:
    """Whoever wrote it; the old state stays."""
    cluster = MemoryCluster()
    made = await deploy(cluster, folder)

    async with loading(cluster, folder) as (loader, registry):
        await cluster.replace(CONFIG_MAPS, NAMESPACE, made | change)
        while "dep-a" not in loader.errors:  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)

        assert reason in loader.errors["dep-a"]
        assert registry.get("dep-a") is not None


async def test_an_endpoint_without_its_secret_is_an_error(folder: SignedFolder) -> None:
    """Better the old state than an endpoint that answers 404."""
    cluster = MemoryCluster()
    live = folder.deploy_program(PROGRAM)
    assert live.program
    await deploy(cluster, folder)
    empty = secret(live) | {"data": {}}
    await cluster.delete(SECRETS, NAMESPACE, "dep-a-endpoints")
    await cluster.create(SECRETS, NAMESPACE, empty)

    async with loading(cluster, folder) as (loader, registry):
        assert "dep-a-endpoints/hook" in loader.errors["dep-a"]
        assert registry.get("dep-a") is None


async def test_an_engine_is_not_ready_before_it_has_what_is_live(folder: SignedFolder) -> None:
    """Its Service would send it webhooks that it answers with 404."""
    cluster = MemoryCluster()
    await deploy(cluster, folder)

    def away(verb: str, _plural: str) -> None:
        if verb == "get":
            raise Unreachable("the API server")

    cluster.fail = away
    settings = EngineSettings(
        namespace=NAMESPACE,
        public_key=folder.public_key,
        recorder_url="http://unused",
        recorder_token_file=folder.root,
        jwks="unused",
    )
    source = ClusterSource(cluster, NAMESPACE)  # type: ignore[arg-type]  # at its interface
    engine = Engine(settings, source, MemoryRecorder().post)
    async with engine.running():
        await asyncio.sleep(0.3)
        was_ready = engine.internal.synced.is_set()
        cluster.fail = lambda _verb, _plural: None

        await engine.internal.synced.wait()

    assert not was_ready
    assert engine.loader.errors == {}
