"""Live files from a folder, without any Kubernetes; looked at a few times a second.

The layout is in ``dragops.model.bundle``; ``secrets.json`` holds texts by the keys of
``dragops.model.endpoints``: ``{"<nodeId>.secret": "..."}``, and ``<secret name>.secrets.json`` an
Environment's: ``{"<name>": "<secret>"}``.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson

from dragops.engine.loader import LiveFiles
from dragops.errors import NotFound, Refused
from dragops.model.bundle import LIVE_FILE, MANIFEST_FILE, PROGRAM_FILE, SIGNATURE_FILE, Live
from dragops.model.stored_program import ProgramFiles

_LOOK_SECONDS = 0.2

Stamp = tuple[tuple[str, int, int], ...]


class FolderSource:
    """The deployments below ``<folder>/<namespace>``."""

    def __init__(self, folder: Path, namespace: str) -> None:
        self._place = folder / namespace
        self._seen: dict[str, Stamp] = {}

    async def run(self, changed: Callable[[str], None], synced: asyncio.Event) -> None:
        """Tell which deployments change, from all that are there now on."""
        while True:
            for deployment in self._changes():
                changed(deployment)
            synced.set()
            await asyncio.sleep(_LOOK_SECONDS)

    def names(self) -> list[str]:
        """Give the deployments that are there."""
        return sorted(path.parent.name for path in self._place.glob(f"*/{LIVE_FILE}"))

    def live(self, deployment: str) -> LiveFiles | None:
        """Give the live files as they are now."""
        place = self._place / deployment
        try:
            signature = (place / SIGNATURE_FILE).read_text().strip()
            return LiveFiles((place / LIVE_FILE).read_bytes(), signature)
        except FileNotFoundError:
            return None

    async def program(self, live: Live, config_map: str) -> ProgramFiles:
        """Read a program."""
        place = self._place / live.deployment / config_map
        try:
            text = (place / PROGRAM_FILE).read_bytes()
            return ProgramFiles(text, (place / MANIFEST_FILE).read_bytes())
        except FileNotFoundError as exc:
            raise NotFound("program", config_map) from exc

    async def secrets(self, live: Live) -> Mapping[str, str]:
        """Read the signing secrets."""
        try:
            found = orjson.loads((self._place / live.deployment / "secrets.json").read_bytes())
        except FileNotFoundError as exc:
            raise NotFound("file", "secrets.json") from exc
        except orjson.JSONDecodeError as exc:
            raise Refused("secrets.json is not JSON") from exc
        if not isinstance(found, dict):
            raise Refused("secrets.json is not a JSON object")
        return {key: str(text) for key, text in found.items()}

    async def environment_secrets(self, name: str) -> Mapping[str, str] | None:
        """Read an Environment's secrets; None when the file is gone."""
        path = self._place / f"{name}.secrets.json"
        try:
            found = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except orjson.JSONDecodeError as exc:
            raise Refused(f"{path.name} is not JSON") from exc
        if not isinstance(found, dict):
            raise Refused(f"{path.name} is not a JSON object")
        return {key: str(value) for key, value in found.items()}

    def _changes(self) -> Iterator[str]:
        now = {name: self._stamp(name) for name in self.names()}
        for name in sorted(now.keys() | self._seen.keys()):
            if now.get(name) != self._seen.get(name):
                yield name
        self._seen = now

    def _stamp(self, name: str) -> Stamp:
        files = (self._place / name / file for file in (LIVE_FILE, SIGNATURE_FILE, "secrets.json"))
        found = ((path.name, path.stat()) for path in files if path.exists())
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
