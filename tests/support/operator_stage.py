"""An operator in this loop, with the rights that the chart gives it, before a real API server."""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from typing_extensions import override

from dragops.cluster.client import (
    CONFIG_MAPS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    ENVIRONMENTS,
    NAMESPACES,
    PATTERNS,
    ROLE_BINDINGS,
    ROLES,
    SERVICE_ACCOUNTS,
    Cluster,
    Kind,
)
from dragops.cluster.transport import Transport, log_in
from dragops.errors import NotFound
from dragops.model.bundle import LIVE_LABEL
from dragops_operator.assembly import Operator, running_operator
from dragops_operator.settings import OperatorSettings
from support.chart import NAMESPACE, render
from support.processes import free_port

Object = dict[str, Any]

CRDS = Path(__file__).parents[2] / "crds"
_RBAC = "rbac.authorization.k8s.io"
_KINDS = {
    "ServiceAccount": SERVICE_ACCOUNTS,
    "Role": ROLES,
    "RoleBinding": ROLE_BINDINGS,
    "ClusterRole": Kind(_RBAC, "v1", "clusterroles", "ClusterRole"),
    "ClusterRoleBinding": Kind(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding"),
}
_NUMBERS = itertools.count()


class RecordingTransport(Transport):
    """Remembers what was asked of the API server: (method, path)."""

    def __init__(self, configuration: Any) -> None:
        super().__init__(configuration)
        self.requests: list[tuple[str, str]] = []

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Give the requests that may change something."""
        return [request for request in self.requests if request[0] != "GET"]

    @override
    @asynccontextmanager
    async def request(
        self, method: str, path: str, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        self.requests.append((method, path))
        async with super().request(method, path, **options) as response:
            yield response


@dataclass
class Stage:
    """Two namespaces of a test's own: a release, and its one workspace."""

    admin: Cluster
    kubeconfig: Path
    """The administrator's."""
    folder: Path
    release: str
    workspace: str
    engines: str = ""
    transport: RecordingTransport = field(init=False)
    operator: Operator = field(init=False)

    async def token(self, namespace: str, account: str, audience: str = "") -> str:
        """Ask for a token of a ServiceAccount."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "metadata": {"name": account},
            "spec": {"audiences": [audience] if audience else []},
        }
        answer = await self.admin.create(SERVICE_ACCOUNTS, namespace, body, subresource="token")
        return str(answer["status"]["token"])

    async def kubeconfig_of(self, namespace: str, account: str) -> Path:
        """Write a kubeconfig that logs in as a ServiceAccount."""
        config = yaml.safe_load(self.kubeconfig.read_text())
        config["users"][0]["user"] = {"token": await self.token(namespace, account)}
        path = self.folder / f"{namespace}-{account}.kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return path

    async def engine_token_file(self) -> Path:
        """Write the operator's token for engines, as the kubelet projects it."""
        path = self.folder / "engine-token"
        path.write_text(await self.token(self.release, "dragops-operator", "dragops-engine"))
        return path

    async def settings(self) -> OperatorSettings:
        """Give the operator's settings."""
        return OperatorSettings(
            workspaces=self.workspace,
            public_url="https://hooks.example",
            engine_image="localhost/dragops-engine:test",
            recorder_url="http://127.0.0.1:1",
            release_namespace=self.release,
            engines=self.engines,
            engine_token_file=await self.engine_token_file(),
            probes_port=free_port(),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Operator]:
        """Run the operator as its own ServiceAccount."""
        config = await self.kubeconfig_of(self.release, "dragops-operator")
        self.transport = RecordingTransport(await log_in(str(config)))
        async with (
            Cluster(self.transport, manager="dragops-operator") as cluster,
            running_operator(await self.settings(), cluster) as self.operator,
        ):
            await self.operator.caches.synced()
            yield self.operator

    async def pattern(self, name: str, spec: Object) -> Object:
        """Write a Pattern."""
        return await self._written(PATTERNS, name, spec)

    async def deployment(self, name: str, pattern: str = "p", **spec: Any) -> Object:
        """Write a PatternDeployment."""
        return await self._written(DEPLOYMENTS, name, {"patternRef": {"name": pattern}} | spec)

    async def get(self, kind: Kind, name: str) -> Object | None:
        """Read an object of the workspace, if it is there."""
        try:
            return await self.admin.get(kind, self.workspace, name)
        except NotFound:
            return None

    async def names(self, kind: Kind) -> list[str]:
        """Give the names of the workspace's objects that are DragOps's."""
        selector = "app.kubernetes.io/part-of=dragops"
        found = await self.admin.list(kind, self.workspace, label_selector=selector)
        return sorted(obj["metadata"]["name"] for obj in found)

    async def until(
        self, kind: Kind, name: str, is_so: Callable[[Object], Any], *, seconds: float = 15
    ) -> Object:
        """Wait until an object is there and as it should be."""
        found: Object | None = None

        async def is_there() -> bool:
            nonlocal found
            found = await self.get(kind, name)
            return found is not None and bool(is_so(found))

        await eventually(is_there, seconds=seconds, told=lambda: found)
        assert found is not None
        return found

    async def ready(self, name: str) -> Object:
        """Wait until a deployment is Ready in its present generation."""
        return await self.until(DEPLOYMENTS, name, is_ready)

    async def idle(self) -> None:
        """Wait until the operator has had nothing to do for a while."""
        quiet = 0
        while quiet < 10:
            quiet = quiet + 1 if self.operator.keys.is_idle() else 0
            await asyncio.sleep(0.03)

    async def _written(self, kind: Kind, name: str, spec: Object) -> Object:
        body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}}
        return await self.admin.apply(kind, self.workspace, body | {"spec": spec}, manager="test")


def condition(obj: Object, type_: str) -> Object:
    """Give one condition, or an empty one."""
    found: list[Object] = obj.get("status", {}).get("conditions", [])
    return next((c for c in found if c["type"] == type_), {})


def is_ready(obj: Object) -> bool:
    """Say whether what the object's present generation asks for holds."""
    ready, generation = condition(obj, "Ready"), obj["metadata"]["generation"]
    return ready.get("status") == "True" and ready["observedGeneration"] == generation


async def eventually(
    is_so: Callable[[], Awaitable[bool]], *, seconds: float, told: Callable[[], Any] = lambda: ""
) -> None:
    """Wait until something holds; fail telling what was there instead."""
    try:
        async with asyncio.timeout(seconds):
            while not await is_so():  # noqa: ASYNC110  # the cluster is asked
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"not so after {seconds} s: {told()}") from None


@asynccontextmanager
async def staged(kubeconfig: str, folder: Path) -> AsyncIterator[Stage]:
    """Install CRDs and the operator's rights around two fresh namespaces."""
    number = f"{os.getpid()}-{next(_NUMBERS)}"
    async with await Cluster.connect(kubeconfig, manager="test") as admin:
        stage = Stage(admin, Path(kubeconfig), folder, f"rel-{number}", f"team-{number}")
        await _install(stage)
        async with obedient_engine(stage) as url:
            stage.engines = f"{stage.workspace}={url}"
            yield stage


@asynccontextmanager
async def obedient_engine(stage: Stage) -> AsyncIterator[str]:
    """Serve an engine that obeys whatever is live, at once."""

    async def serials(_: web.Request) -> web.Response:
        found = await stage.admin.list(
            CONFIG_MAPS, stage.workspace, label_selector=f"{LIVE_LABEL}=true"
        )
        lives = [yaml.safe_load(obj["data"]["live.json"]) for obj in found]
        known = {o["deployment"]: {"uid": o["uid"], "serial": o["serial"]} for o in lives}
        return web.json_response({"serials": known})

    app = web.Application()
    app.router.add_get("/internal/serials", serials)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def _install(stage: Stage) -> None:
    for path in sorted(CRDS.glob("*.yaml")):
        crd = yaml.safe_load(path.read_text())
        await stage.admin.apply(CUSTOM_RESOURCE_DEFINITIONS, None, crd, manager="test")
    for name in (stage.release, stage.workspace):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await stage.admin.apply(NAMESPACES, None, body, manager="test")
    for obj in _rights(stage):
        namespace = obj["metadata"].get("namespace")
        await stage.admin.apply(_KINDS[obj["kind"]], namespace, obj, manager="test")

    async def is_served() -> bool:
        try:
            for kind in (PATTERNS, DEPLOYMENTS, ENVIRONMENTS):
                await stage.admin.list(kind, stage.workspace)
        except NotFound:
            return False
        return True

    await eventually(is_served, seconds=10)


def _rights(stage: Stage) -> Iterator[Object]:
    """Give the operator's account and roles as the chart has them, moved to this release."""
    for obj in render(workspaces=[stage.workspace]):
        if obj["kind"] not in _KINDS or not obj["metadata"]["name"].startswith("dragops-operator"):
            continue
        moved = json.dumps(obj).replace(f'"{NAMESPACE}"', f'"{stage.release}"')
        if obj["kind"].startswith("Cluster"):  # the control plane is shared: a name of our own
            moved = moved.replace('"dragops-operator"', f'"dragops-operator-{stage.release}"', 1)
            moved = moved.replace(
                '"kind": "ClusterRole", "name": "dragops-operator"',
                f'"kind": "ClusterRole", "name": "dragops-operator-{stage.release}"',
            )
        yield json.loads(moved)
