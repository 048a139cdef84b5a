"""From a signed live file to a deployment that is obeyed.

A source says which live files there are; the loader verifies each, fetches its program and
secrets, and puts it into the registry. A bad one never takes down a good one: the old state stays,
and the error can be read on the internal port. Next: ``dragops.engine.app`` takes webhooks.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dragops.engine.deployed import Deployed, Registry
from dragops.engine.environment import Environment, environment_of
from dragops.engine.program import LoadedProgram, load_program
from dragops.engine.signing_secrets import SigningSecrets, signing_secrets
from dragops.errors import DragopsError, Refused, TryAgain
from dragops.model.bundle import LIVE_FILE, SIGNATURE_FILE, Live, LiveEnvironment, verified
from dragops.model.stored_program import ProgramFiles

_LOG = structlog.get_logger()
_RETRY_FIRST_SECONDS, _RETRY_MAX_SECONDS = 0.2, 30.0


class LiveFiles(NamedTuple):
    """The content of a live ConfigMap."""

    data: bytes
    signature: str

    @classmethod
    def of(cls, config_map: Mapping[str, Any]) -> "LiveFiles":
        """Take them out of a ConfigMap; Refused when it is no live one."""
        data, name = config_map.get("data") or {}, config_map["metadata"]["name"]
        if not {LIVE_FILE, SIGNATURE_FILE} <= data.keys():
            raise Refused(f"ConfigMap {name} lacks {LIVE_FILE} or {SIGNATURE_FILE}")
        return cls(data[LIVE_FILE].encode(), data[SIGNATURE_FILE].strip())


class Source(Protocol):
    """Where live files, programs and secrets are: a folder or the cluster."""

    def live(self, deployment: str) -> LiveFiles | None:
        """Give the live files as they are now; None when they are gone."""

    async def program(self, live: Live, config_map: str) -> ProgramFiles:
        """Fetch a program; raises NotFound or Unreachable."""

    async def secrets(self, live: Live) -> Mapping[str, str]:
        """Fetch the texts of ``dragops.model.endpoints``; raises NotFound or Unreachable."""

    async def environment_secrets(self, name: str) -> Mapping[str, str] | None:
        """Fetch an Environment's secrets; None when its Secret is gone, or not meant for this."""


class Loader:
    """Makes the registry match the source, one deployment at a time."""

    def __init__(
        self, source: Source, registry: Registry, *, key: Ed25519PublicKey, namespace: str
    ) -> None:
        self._source, self._registry = source, registry
        self._key, self._namespace = key, namespace
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._tries: dict[str, int] = {}
        self._highest: dict[str, int] = {}
        self.errors: dict[str, str] = {}
        """By deployment: why its newest live file is not obeyed."""
        self.unreachable: set[str] = set()
        """Deployments whose program or secrets could not be fetched yet."""

    def changed(self, deployment: str) -> None:
        """Note that a deployment's live files have changed or gone."""
        if deployment not in self._queued:
            self._queued.add(deployment)
            self._wanted.put_nowait(deployment)

    async def settled(self) -> None:
        """Wait until everything that has changed so far was loaded, or could not be."""
        await self._wanted.join()

    async def run(self) -> None:
        """Load what has changed, for ever; what fails is tried again with back-off."""
        async with asyncio.TaskGroup() as retries:
            while True:
                deployment = await self._wanted.get()
                self._queued.discard(deployment)
                if not await self.load(deployment):
                    retries.create_task(self._again(deployment))
                self._wanted.task_done()

    async def load(self, deployment: str) -> bool:
        """Obey a deployment's live files as they are now; False when they could not be obeyed."""
        try:
            await self._load(deployment)
        except TryAgain as exc:
            self._failed(deployment, str(exc))
            self.unreachable.add(deployment)
            return False
        except DragopsError as exc:
            self._failed(deployment, str(exc))
            return False
        except Exception as exc:
            # a program that nobody foresaw must not stop the others from loading
            _LOG.exception("a deployment cannot be loaded", deployment=deployment)
            self._failed(deployment, f"unexpected: {type(exc).__name__}")
            return False
        self.errors.pop(deployment, None)
        self.unreachable.discard(deployment)
        self._tries.pop(deployment, None)
        return True

    async def _load(self, deployment: str) -> None:
        files = self._source.live(deployment)
        old = self._registry.get(deployment)
        if files is None:
            self._registry.remove(deployment)
            if old and old.program:
                old.program.unload()
            return
        live = verified(files.data, files.signature, key=self._key, namespace=self._namespace)
        self._check(live, deployment)
        if old and old.live == live:
            return
        program = await self._program(live, old)
        secrets = await self._secrets(live)
        environment = await self._environment(live, old)
        self._highest[live.uid] = live.serial
        self._registry.put(Deployed(live, program, secrets, environment))
        if old and old.program and old.program is not program:
            old.program.unload()
        _LOG.info("obeys", deployment=deployment, serial=live.serial, state=live.state)

    def _check(self, live: Live, deployment: str) -> None:
        if live.deployment != deployment:
            raise Refused(f"signed for deployment {live.deployment!r}, not {deployment!r}")
        highest = self._highest.get(live.uid, 0)
        if live.serial < highest:
            raise Refused(f"serial {live.serial} is older than {highest}, which was seen here")
        current = self._registry.get(deployment)
        if current and current.live.uid != live.uid and live.uid in self._highest:
            raise Refused(f"uid {live.uid} is of a deployment that was replaced")

    async def _program(self, live: Live, old: Deployed | None) -> LoadedProgram | None:
        if live.program is None:
            return None
        known = old.program if old else None
        if known and (known.digest, known.version) == (live.program.digest, live.program.version):
            return known
        files = await self._source.program(live, live.program.config_map)
        return load_program(live, live.program, files)

    async def _secrets(self, live: Live) -> dict[str, SigningSecrets]:
        return signing_secrets(live, await self._source.secrets(live)) if live.endpoints else {}

    async def _environment(self, live: Live, old: Deployed | None) -> Environment:
        named, known = live.environment, old.live.environment if old else None
        if old and named and known and _secrets_of(known) == _secrets_of(named):
            return replace(old.environment, variables=named.variables)
        return await environment_of(named, self._source.environment_secrets)

    def _failed(self, deployment: str, message: str) -> None:
        if self.errors.get(deployment) != message:
            _LOG.warning("does not obey", deployment=deployment, error=message)
        self.errors[deployment] = message
        self.unreachable.discard(deployment)

    async def _again(self, deployment: str) -> None:
        tries = self._tries[deployment] = self._tries.get(deployment, -1) + 1
        seconds = min(_RETRY_MAX_SECONDS, _RETRY_FIRST_SECONDS * 2 ** min(tries, 16))
        # jitter spreads engines that lost the same API server; it guards nothing
        await asyncio.sleep(seconds * (0.5 + random.random()))  # noqa: S311  no secret
        self.changed(deployment)


def _secrets_of(named: LiveEnvironment) -> tuple[str | None, str]:
    return named.secret_name, named.rotation
