"""Live files from the cluster: live ConfigMaps by watch, programs and Secrets by name.

An engine's Role allows no more than that: it cannot list Secrets or programs.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from dragops.cluster.client import Cluster
from dragops.cluster.informer import Change, Informer
from dragops.cluster.kinds import CONFIG_MAPS, SECRETS
from dragops.engine.loader import LiveFiles
from dragops.errors import NotFound
from dragops.model.bundle import (
    ENVIRONMENT_LABEL,
    LIVE_LABEL,
    Live,
)
from dragops.model.endpoints import texts_in
from dragops.model.stored_program import ProgramFiles, decoded, program_files

_SUFFIX = "-live"


class ClusterSource:
    """The live ConfigMaps of one namespace."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster, self._namespace = cluster, namespace
        self._changed: Callable[[str], None] | None = None
        self._lives = Informer(
            cluster,
            CONFIG_MAPS,
            namespace,
            label_selector=f"{LIVE_LABEL}=true",
            on_change=self._heard,
        )

    async def run(self, changed: Callable[[str], None], synced: asyncio.Event) -> None:
        """Tell which deployments change, from all that are there now on."""
        self._changed = changed
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._lives.run())
            await self._lives.synced.wait()
            synced.set()

    def live(self, deployment: str) -> LiveFiles | None:
        """Give the live files as last heard of."""
        found = self._lives.get(self._namespace, deployment + _SUFFIX)
        return LiveFiles.of(found) if found else None

    async def program(self, live: Live, config_map: str) -> ProgramFiles:
        """Fetch a program."""
        return program_files(await self._cluster.get(CONFIG_MAPS, self._namespace, config_map))

    async def secrets(self, live: Live) -> Mapping[str, str]:
        """Fetch the signing secrets."""
        texts: dict[str, str] = {}
        for name in sorted({endpoint.secret_name for endpoint in live.endpoints}):
            texts |= texts_in(await self._cluster.get(SECRETS, self._namespace, name))
        return texts

    async def environment_secrets(self, name: str) -> Mapping[str, str] | None:
        """Fetch an Environment's secrets; None when the Secret is gone, or lacks the label."""
        try:
            found = await self._cluster.get(SECRETS, self._namespace, name)
        except NotFound:
            return None
        labels = found["metadata"].get("labels") or {}
        # whoever may write an Environment could read any Secret without this
        if labels.get(ENVIRONMENT_LABEL) != "true":
            return None
        data = found.get("data") or {}
        return {key: decoded(value).decode("utf-8", "replace") for key, value in data.items()}

    def _heard(
        self, _change: Change, old: dict[str, Any] | None, new: dict[str, Any] | None
    ) -> None:
        told = new or old
        name = told["metadata"]["name"] if told else ""
        if self._changed and name.endswith(_SUFFIX):
            self._changed(name.removesuffix(_SUFFIX))
