"""How a deployment stands, for a schedule's pod: as mounted, or as the API server has it now."""

from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from typing_extensions import override

from dragops.engine.mounted import read_live
from dragops.model.bundle import Live


class Standing(Protocol):
    """Where a pod that lives for a while hears of a pause."""

    async def now(self) -> Live | None:
        """Give what is live; None when the deployment is gone. Raises Refused if not signed."""


class Mounted(Standing):
    """What is mounted; the kubelet brings changes within a minute or two."""

    def __init__(self, folder: Path, key: Ed25519PublicKey, namespace: str) -> None:
        self._folder, self._key, self._namespace = folder, key, namespace

    @override
    async def now(self) -> Live:
        return read_live(self._folder, key=self._key, namespace=self._namespace)
