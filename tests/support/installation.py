"""Operator, engine, recorder and API as processes over a real control plane; no pods."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dragops.cluster.client import DEPLOYMENTS, Cluster
from dragops_operator.signing import public_text, signing_key
from support.installed import HERE, install, kubeconfig_of, token_of
from support.processes import Process, free_port
from support.product import Product
from support.tokens import Issuer

_NAMES = ("recorder", "engine", "operator", "api")


class Installation:
    """Where each process is, and what it is told."""

    def __init__(self, folder: Path, admin: str, own: str, public_key: str) -> None:
        self._issuer, self._store = Issuer(folder), folder / "store" / "runs.sqlite"
        self._admin, self._own, self._public_key = admin, own, public_key
        self._ports = {name: free_port() for name in (*_NAMES, "metrics", "public")}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def processes(self) -> list[Process]:
        """Give all four; the API last, as it wants to see a store."""
        return [
            self._process("dragops_api.recorder", "recorder", self._recorder()),
            self._process("dragops.engine", "engine", self._engine()),
            self._process("dragops_operator", "operator", self._operator()),
            self._process("dragops_api", "api", self._api()),
        ]

    def _process(self, module: str, name: str, env: dict[str, Any]) -> Process:
        told = {f"DRAGOPS_{key.upper()}": str(value) for key, value in env.items()}
        config = self._own if name == "api" else self._admin
        return Process(module, told | {"KUBECONFIG": config}, ready_url=self.url(name) + "/readyz")

    def _token(self, account: str, audience: str) -> Path:
        return self._issuer.token_file(account, audience=audience)

    def _recorder(self) -> dict[str, Any]:
        trusted = {"trusted": "dragops:dragops-api"}
        return {
            "store": self._store,
            "jwks": self._issuer.jwks,
            "port": self._ports["recorder"],
        } | trusted

    def _engine(self) -> dict[str, Any]:
        return {
            "namespace": HERE,
            "public_key": self._public_key,
            "recorder_url": self.url("recorder"),
            "recorder_token_file": self._token(f"{HERE}:dragops-engine", "dragops-recorder"),
            "jwks": self._issuer.jwks,
            "callers": "dragops:dragops-api,dragops:dragops-operator",
            "public_port": self._ports["public"],
            "internal_port": self._ports["engine"],
        }

    def _operator(self) -> dict[str, Any]:
        return {
            "workspaces": HERE,
            "public_url": self.url("api"),
            "engine_image": "localhost/none",
            "recorder_url": self.url("recorder"),
            "release_namespace": "dragops",
            "engine_token_file": self._token("dragops:dragops-operator", "dragops-engine"),
            "engines": f"{HERE}={self.url('public')}|{self.url('engine')}",
            "probes_port": self._ports["operator"],
        }

    def _api(self) -> dict[str, Any]:
        return {
            "workspaces": HERE,
            "default_workspace": HERE,
            "store": self._store,
            "recorder_url": self.url("recorder"),
            "recorder_token_file": self._token("dragops:dragops-api", "dragops-recorder"),
            "engine_token_file": self._token("dragops:dragops-api", "dragops-engine"),
            "engines": f"{HERE}={self.url('public')}|{self.url('engine')}",
            "port": self._ports["api"],
            "metrics_port": self._ports["metrics"],
        }


async def _prepared(kubeconfig: str, folder: Path) -> tuple[Installation, str]:
    async with await Cluster.connect(kubeconfig) as admin:
        await install(admin)
        key = public_text(await signing_key(admin, "dragops", "dragops-signing"))
        own = await token_of(admin, "dragops", "dragops-api", "")
        token = await token_of(admin, HERE, "editor", "dragops-api")
        config = kubeconfig_of(kubeconfig, own, folder)
    # TLS connections end a turn of the loop after they were closed
    await asyncio.sleep(0.1)
    return Installation(folder, kubeconfig, config, key), token


@contextmanager
def installed_product(kubeconfig: str, folder: Path) -> Iterator[Product]:
    """Run everything that the chart would start; give it with the editor's token."""
    installation, token = asyncio.run(_prepared(kubeconfig, folder))
    with ExitStack() as running:
        for process in installation.processes():
            running.enter_context(process)
        calling = Product(installation.url("api"), token, HERE, kubeconfig, [])
        with calling.http:
            yield calling


async def patched(product: Product, deployment: str, spec: dict[str, Any]) -> None:
    """Change a deployment's spec as kubectl patch does."""
    async with await Cluster.connect(product.kubeconfig) as cluster:
        await cluster.merge_patch(DEPLOYMENTS, product.workspace, deployment, {"spec": spec})
