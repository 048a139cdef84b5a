"""Live files from the cluster: live ConfigMaps by watch, programs and Secrets by name.

An engine's Role allows no more than that: it cannot list Secrets or programs.
"""

import asyncio
import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from dragops.cluster.client import Cluster
from dragops.cluster.informer import Change, Informer
from dragops.cluster.kinds import CONFIG_MAPS, SECRETS
from dragops.engine.loader import LiveFiles
from dragops.engine.program import ProgramFiles
from dragops.errors import NotFound, Refused
from dragops.model.bundle import (
    ENVIRONMENT_LABEL,
    LIVE_FILE,
    LIVE_LABEL,
    MANIFEST_FILE,
    PROGRAM_FILE,
    SIGNATURE_FILE,
    Live,
)
from dragops.model.endpoints import texts_in

_SUFFIX = "-live"
_TEXT_MAX = 32 * 1024 * 1024


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
        if found is None:
            return None
        data = found.get("data") or {}
        if not {LIVE_FILE, SIGNATURE_FILE} <= data.keys():
            raise Refused(f"ConfigMap {deployment}{_SUFFIX} lacks {LIVE_FILE} or {SIGNATURE_FILE}")
        return LiveFiles(data[LIVE_FILE].encode(), data[SIGNATURE_FILE].strip())

    async def program(self, live: Live, config_map: str) -> ProgramFiles:
        """Fetch a program."""
        found = await self._cluster.get(CONFIG_MAPS, self._namespace, config_map)
        packed = {k: _decoded(v) for k, v in (found.get("binaryData") or {}).items()}
        text = (found.get("data") or {}).get(PROGRAM_FILE)
        if MANIFEST_FILE not in packed:
            raise Refused(f"ConfigMap {config_map} lacks {MANIFEST_FILE}")
        if text is not None:
            return ProgramFiles(text.encode(), packed[MANIFEST_FILE])
        unpacked = _unpacked(packed.get(f"{PROGRAM_FILE}.gz"), config_map)
        return ProgramFiles(unpacked, packed[MANIFEST_FILE])

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
        return {key: _decoded(value).decode("utf-8", "replace") for key, value in data.items()}

    def _heard(
        self, _change: Change, old: dict[str, Any] | None, new: dict[str, Any] | None
    ) -> None:
        told = new or old
        name = told["metadata"]["name"] if told else ""
        if self._changed and name.endswith(_SUFFIX):
            self._changed(name.removesuffix(_SUFFIX))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise Refused("an object's data is not base64") from exc


def _unpacked(packed: bytes | None, config_map: str) -> bytes:
    if packed is None:
        raise Refused(f"ConfigMap {config_map} lacks {PROGRAM_FILE}")
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(packed, _TEXT_MAX)
    except zlib.error as exc:
        raise Refused(f"ConfigMap {config_map}: {PROGRAM_FILE}.gz is not gzip") from exc
    if inflater.unconsumed_tail:
        raise Refused(f"ConfigMap {config_map}: the program is longer than {_TEXT_MAX} bytes")
    return data
