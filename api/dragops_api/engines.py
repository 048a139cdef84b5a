"""Calls to the internal port of a workspace's engines."""

import asyncio
import itertools
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import orjson
import structlog

from dragops.cluster.locator import Address, Locator, TokenFile
from dragops.errors import Unreachable

THE_ENGINE = "the engine"
_CALL_SECONDS, _PROBE_SECONDS, _POLL_SECONDS = 5.0, 1.0, 0.05
_log = structlog.get_logger(__name__)


class Reply(NamedTuple):
    """What an engine said."""

    status: int
    data: dict[str, Any]


class Engines:
    """Calls to the internal port of a workspace's engines."""

    def __init__(self, locator: Locator, session: aiohttp.ClientSession, token: TokenFile) -> None:
        self._locator, self._session, self._token = locator, session, token
        self._turns = itertools.count()

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines, another one first each time."""
        engines = self._locator.at(namespace)
        first = next(self._turns) % len(engines) if engines else 0
        return engines[first:] + engines[:first]

    async def execute(self, namespace: str, order: dict[str, Any]) -> Reply:
        """Start a run on the first engine that takes it; 404 when none has the deployment.

        Raises Unreachable when none can say.
        """
        limit = float(order["waitSeconds"]) + _CALL_SECONDS
        reply = None
        for engine in self.at(namespace):
            reply = await self._try(f"{engine.internal}/internal/execute", order, limit)
            # not loaded yet, or stopping: another one may take it
            if reply is not None and not _is_passed_on(reply):
                return reply
        if reply is not None and reply.status == 404:
            return reply
        raise Unreachable(THE_ENGINE, f"{namespace}: {reply or 'none is ready'}")

    async def captured(self, namespace: str, uid: str) -> list[list[dict[str, Any]]]:
        """Give what each engine has captured for a deployment; Unreachable when none answers."""
        query = urlencode({"uid": uid})
        asked = (
            self._get(f"{engine.internal}/internal/captured?{query}", _CALL_SECONDS)
            for engine in self._locator.at(namespace)
        )
        replies = [reply for reply in await asyncio.gather(*asked) if reply and reply.status == 200]
        if not replies:
            raise Unreachable(THE_ENGINE, f"{namespace}: none tells what it has captured")
        return [reply.data["captured"] for reply in replies]

    async def cancel(self, namespace: str, order: dict[str, Any]) -> str | None:
        """Stop a run in the engine that has it, and give its status; None when no engine has it.

        Raises Unreachable when an engine did not say whether it has the run.
        """
        if not self._locator.is_synced:
            raise Unreachable(THE_ENGINE, "engines are not known yet")
        limit = float(order["waitSeconds"]) + _CALL_SECONDS
        calls = (
            self._try(f"{engine.internal}/internal/cancel", order, limit)
            for engine in self._locator.at(namespace)
        )
        replies = [reply for reply in await asyncio.gather(*calls) if reply is not None]
        for reply in replies:
            if reply.status in {200, 202}:
                return str(reply.data["status"])
        for reply in replies:
            if reply.data.get("code") != "RUN_NOT_FOUND":
                raise Unreachable(THE_ENGINE, f"it answered {reply.status} to a cancel")
        return None

    async def until_dropped(self, namespace: str, uid: str, *, seconds: float) -> bool:
        """Wait until no engine has this deployment any more; say whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                while await self._holders(namespace, uid):  # noqa: ASYNC110  # engines only answer
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            return False
        return True

    async def is_ready(self, namespace: str) -> bool:
        """Say whether at least one engine of the workspace answers."""
        probes = (self._probe(engine.internal) for engine in self._locator.at(namespace))
        return any(await asyncio.gather(*probes))

    async def _holders(self, namespace: str, uid: str) -> int:
        engines = self._locator.at(namespace)
        held = await asyncio.gather(*(self._uids(engine.internal) for engine in engines))
        return sum(uid in uids for uids in held)

    async def _uids(self, internal: str) -> set[str]:
        reply = await self._get(f"{internal}/internal/serials", _CALL_SECONDS)
        serials = reply.data.get("serials", {}) if reply else {}
        return {str(entry["uid"]) for entry in serials.values()}

    async def _probe(self, internal: str) -> bool:
        reply = await self._get(f"{internal}/readyz", _PROBE_SECONDS)
        return reply is not None and reply.status == 200

    async def _try(self, url: str, order: dict[str, Any], limit: float) -> Reply | None:
        """Give an order; None when the engine cannot have heard it, so another one may."""
        try:
            return await self._call("POST", url, limit, data=orjson.dumps(order))
        except aiohttp.ClientConnectorError as exc:
            _log.warning("engine_away", url=url, error=repr(exc))
            return None
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unreachable(THE_ENGINE, repr(exc)) from exc

    async def _get(self, url: str, limit: float) -> Reply | None:
        try:
            return await self._call("GET", url, limit)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            _log.warning("engine_away", url=url, error=repr(exc))
            return None

    async def _call(self, method: str, url: str, limit: float, **options: Any) -> Reply:
        headers = self._token.headers() | {"Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=limit, connect=_PROBE_SECONDS)
        async with self._session.request(
            method, url, headers=headers, timeout=timeout, **options
        ) as response:
            return Reply(response.status, _object(await response.read()))


def _is_passed_on(reply: Reply) -> bool:
    return reply.status == 404 or reply.data.get("code") == "ENGINE_UNAVAILABLE"


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
