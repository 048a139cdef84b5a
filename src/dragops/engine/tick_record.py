"""What a schedule's pod says to the recorder, and asks it: with patience, until SIGTERM.

Next: ``dragops.engine.ticker`` decides what to say.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from dragops.engine.connection import Wires
from dragops.errors import Refused, TryAgain, Unreachable
from dragops.history.batch import Accept, Accepted, Batch, Finish, decode_results, encode_batch
from dragops.history.claims import Claim, Claimed, decode_claimed, encode_claim
from dragops.history.ticks import KEYS_MAX, Known, Question, decode_known, encode_question
from dragops.model.ids import RunId

_LOG = structlog.get_logger()
_RETRY_FIRST_SECONDS, _RETRY_MAX_SECONDS = 0.2, 30.0

T = TypeVar("T")


class Stopped(TryAgain):
    """SIGTERM came before the word was said."""


class TickRecord:
    """The pod's half of the recorder; each call tries until its time is up."""

    def __init__(self, wires: Wires, stopped: asyncio.Event) -> None:
        self._wires, self._stopped = wires, stopped

    async def known(
        self, deployment_uid: str, node_id: str, keys: Sequence[str], *, seconds: float
    ) -> list[Known]:
        """Say which ticks have a run already."""
        known: list[Known] = []
        for start in range(0, len(keys), KEYS_MAX):
            question = Question(deployment_uid, node_id, keys[start : start + KEYS_MAX])
            body = encode_question(question)
            known += decode_known(await self._say(self._wires.ask, body, seconds))
        return known

    async def accept(self, accept: Accept, *, seconds: float) -> Accepted:
        """Have a run stored; sending the same one again is harmless."""
        body = encode_batch(Batch(accepts=[accept]))
        return decode_results(await self._say(self._wires.post, body, seconds))[0]

    async def skip(self, accept: Accept, end: Finish, *, seconds: float) -> RunId:
        """Have a run stored that ends at once; what is stored under its key stays as it is."""
        body = encode_batch(Batch(accepts=[accept], finishes=[end]))
        return decode_results(await self._say(self._wires.post, body, seconds))[0].run_id

    async def claim(self, claim: Claim, *, seconds: float) -> Claimed:
        """Have a tick run, or give way, as its schedule says; sending it again is harmless."""
        return decode_claimed(await self._say(self._wires.claim, encode_claim(claim), seconds))

    async def _say(
        self, wire: Callable[[bytes], Awaitable[bytes]], body: bytes, seconds: float
    ) -> bytes:
        """Send until it is answered; raises Unreachable when too late, or Stopped."""
        return await unless(self._stopped, self._persist(wire, body, seconds))

    async def _persist(
        self, wire: Callable[[bytes], Awaitable[bytes]], body: bytes, seconds: float
    ) -> bytes:
        until, pause = time.monotonic() + seconds, _RETRY_FIRST_SECONDS
        while True:
            try:
                return await wire(body)
            except (TryAgain, Refused) as exc:
                if time.monotonic() + pause > until:
                    raise Unreachable("the recorder", str(exc)) from exc
                _LOG.warning("the recorder does not answer yet", error=str(exc))
            # jitter spreads the pods of one minute; it guards nothing
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311  no secret
            pause = min(2 * pause, _RETRY_MAX_SECONDS)


async def unless(stopped: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end, or raise Stopped when the event comes first."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise Stopped("SIGTERM")
    finally:
        stopping.cancel()
        doing.cancel()
        await asyncio.wait({doing})
