"""Asks engines what they obey, for all deployments that wait; nobody waits, nobody is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from dragops.cluster.locator import Locator
from dragops.errors import Unreachable
from dragops_operator.engines import Serials
from dragops_operator.workqueue import Key

_FIRST_SECONDS, _LONGEST_SECONDS = 0.02, 2.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expected:
    """What every ready engine must have loaded."""

    uid: str
    serial: int


@dataclass(slots=True)
class Confirmations:
    """What engines were found to obey; ``confirmed`` is told each key that need not wait more."""

    locator: Locator
    ask: Callable[[str], Awaitable[Serials]]
    confirmed: Callable[[Key], None]
    _expected: dict[Key, Expected] = field(default_factory=dict)
    _obeyed: dict[Key, Expected] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _answered: dict[Key, asyncio.Event] = field(default_factory=dict)

    def serial(self, key: Key, uid: str) -> int:
        """Give the highest serial that every engine was seen to obey; 0 if none."""
        known = self._obeyed.get(key)
        return known.serial if known and known.uid == uid else 0

    def expect(self, key: Key, uid: str, serial: int) -> None:
        """Have engines asked until all of them obey this."""
        wanted = Expected(uid, serial)
        if self._expected.get(key) != wanted:
            self._expected[key] = wanted
            self._answered[key] = asyncio.Event()
            self._changed.set()

    def forget(self, key: Key) -> None:
        """Stop asking for a deployment that is gone."""
        self._expected.pop(key, None)
        self._obeyed.pop(key, None)
        self._answered.pop(key, None)

    async def wait(self, key: Key, seconds: float) -> None:
        """Wait a moment for the answer, unless there is no engine that could give it."""
        answered = self._answered.get(key)
        if answered is None or not self.locator.at(key.namespace):
            return
        try:
            async with asyncio.timeout(seconds):
                await answered.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        """Ask until cancelled: at once after a change, then less and less often."""
        pause = _FIRST_SECONDS
        while True:
            if not self._expected:
                await self._changed.wait()
            self._changed.clear()
            found = await self._poll()
            pause = _FIRST_SECONDS if found else min(pause * 1.5, _LONGEST_SECONDS)
            try:
                # not wait_for: it makes tasks, and kopf waits for every new task when it stops
                async with asyncio.timeout(pause):
                    await self._changed.wait()
                pause = _FIRST_SECONDS
            except TimeoutError:
                continue

    async def _poll(self) -> bool:
        namespaces = {key.namespace for key in self._expected}
        found = False
        for namespace in namespaces:
            answers = await self._answers(namespace)
            keys = [key for key in self._expected if key.namespace == namespace]
            for key in keys:
                found |= self._judge(key, answers)
        return found

    async def _answers(self, namespace: str) -> list[Serials]:
        asked = [self.ask(engine.internal) for engine in self.locator.at(namespace)]
        answers = []
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, Unreachable):
                _log.debug("engine_did_not_answer", error=str(answer))
                return []  # one that may still run the old version: nothing is confirmed
            if isinstance(answer, BaseException):
                raise answer
            answers.append(answer)
        return answers

    def _judge(self, key: Key, answers: list[Serials]) -> bool:
        wanted = self._expected[key]
        told = [answer.get(key.name, ("", 0)) for answer in answers]
        lowest = min((serial for uid, serial in told if uid == wanted.uid), default=0)
        if not told or any(uid != wanted.uid for uid, _ in told) or lowest < wanted.serial:
            return False
        self._obeyed[key] = Expected(wanted.uid, lowest)
        del self._expected[key]
        self._answered.pop(key).set()
        self.confirmed(key)
        return True
