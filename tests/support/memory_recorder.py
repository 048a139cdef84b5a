"""A recorder at the end of the wire, in memory: it takes batches as bytes and can be away."""

import asyncio

from dragops.history.batch import (
    Accept,
    Accepted,
    Finish,
    Start,
    Tripped,
    Watch,
    decode_batch,
    encode_results,
)
from dragops.model.ids import RunId


class MemoryRecorder:
    """Stores what an engine posts; ``post`` is what the engine is given."""

    def __init__(self) -> None:
        self.accepts: dict[str, Accept] = {}
        self.starts: list[Start] = []
        self.finishes: dict[str, Finish] = {}
        self.watches: list[Watch] = []
        self.tripped: list[Tripped] = []
        """What each answer says of circuit breakers."""
        self.batches = 0
        self.away: Exception | None = None
        self.loses_answers = False
        """Stores, and then the connection breaks."""
        self._keys: dict[str, str] = {}

    @property
    def started(self) -> list[str]:
        """Name the runs that waited and have begun."""
        return [start.run_id for start in self.starts]

    async def post(self, body: bytes) -> bytes:
        """Take a batch."""
        await asyncio.sleep(0)
        if self.away and not self.loses_answers:
            raise self.away
        batch = decode_batch(body)
        self.batches += 1
        self.starts += batch.starts
        self.finishes |= {end.run_id: end for end in batch.finishes if end.run_id in self.accepts}
        self.watches += batch.watches
        answer = encode_results([self._accept(run) for run in batch.accepts], self.tripped)
        if self.away:
            raise self.away
        return answer

    async def ended(self, run_id: str) -> Finish:
        """Wait for the end of a run."""
        while run_id not in self.finishes:  # noqa: ASYNC110 as a reader of the API
            await asyncio.sleep(0.005)
        return self.finishes[run_id]

    def _accept(self, run: Accept) -> Accepted:
        owner = self._keys.setdefault(run.key, run.run_id) if run.key else run.run_id
        if owner == run.run_id:
            self.accepts[run.run_id] = run
        return Accepted(RunId(owner), owner != run.run_id)
