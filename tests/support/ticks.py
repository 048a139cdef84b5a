"""Schedule pods: what they have mounted, and a recorder at the other end of their wire."""

import asyncio
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dragops.engine.connection import Wires
from dragops.engine.tick import Exit, run_tick
from dragops.engine.tick_settings import TickSettings
from dragops.errors import Unreachable
from dragops.history.batch import decode_batch, encode_results
from dragops.history.claims import decode_claim, encode_claimed
from dragops.history.database import reading, writing
from dragops.history.queries import RunQueries
from dragops.history.records import RunRecord
from dragops.history.store import RunStore
from dragops.history.ticks import decode_question, encode_known
from dragops.model.bundle import Live, Schedule
from dragops.model.program import Manifest, Program, Trigger
from support.folder import SignedFolder

NODE = "tick"


def program(*lines: str) -> Program:
    """A program with one On Schedule trigger and these lines as its body."""
    head = ["async def tick(ctx, event):"]
    text = "\n".join(
        [*head, *(f"    {line}" for line in lines), 'TRIGGERS = {"tick": tick}', "VARIABLES = {}"]
    )
    trigger = Trigger(type="OnSchedule", node_id=NODE, function="tick")
    nodes = (None, *(NODE for _ in lines), None, None)
    return Program(text, Manifest(pattern="test", triggers=(trigger,), lines=nodes, source={}))


LOGS_IT = program('ctx.step("tick")', 'ctx.log("info", str(event.get("scheduledAt")))')


@functools.cache
def this_minute() -> datetime:
    """Give the minute that has just begun; the same one through all of a test run."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def job_name(at: datetime) -> str:
    """Name a Job as the CronJob controller does."""
    return f"dep-a-tick-1a2b3c4d-{int(at.timestamp()) // 60}"


def deploy(folder: SignedFolder, made: Program = LOGS_IT, **changes: Any) -> Live:
    """Make a program with an every-minute schedule live."""
    return folder.deploy_program(made, **({"schedules": (schedule(),)} | changes))


def schedule(rule: str = "* * * * *", **changes: Any) -> Schedule:
    """Give the schedule of the node, in force for two hours."""
    begun = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    fields = {"node_id": NODE, "cron_expression": rule, "not_before": begun}
    return Schedule(**(fields | changes))


def settings(folder: SignedFolder, live: Live, **changes: Any) -> TickSettings:
    """Give the settings of the pod of this minute's Job, with both ConfigMaps mounted."""
    place = folder.root / folder.namespace / live.deployment
    config_map = live.program.config_map if live.program else "none"
    fields = {
        "namespace": folder.namespace,
        "node_id": NODE,
        "job_name": job_name(this_minute()),
        "job_uid": "job-1",
        "public_key": folder.public_key,
        "recorder_url": "http://127.0.0.1:1",
        "recorder_token_file": folder.root / "token",
        "live": place,
        "program": place / config_map,
        "drain_seconds": 0.05,
    }
    return TickSettings(**(fields | changes))


class StoreAtTheWire:
    """Answers batches as the recorder does, with a run store of its own."""

    def __init__(self, store: RunStore, queries: RunQueries, workspace: str) -> None:
        self._store, self._queries, self._workspace = store, queries, workspace
        self.failures = 0
        """How many batches find nobody at home; each counts it down."""
        self.asked, self.answered = asyncio.Event(), asyncio.Event()

    @property
    def wires(self) -> Wires:
        """Give the way to it."""
        return Wires(self.post, self.ask, self.claim)

    async def ask(self, body: bytes) -> bytes:
        """Answer a question about ticks."""
        self._refuse_while_away()
        return encode_known(self._store.ticks(self._workspace, decode_question(body)))

    async def claim(self, body: bytes) -> bytes:
        """Decide about a claim."""
        self._refuse_while_away()
        return encode_claimed(self._store.claim(self._workspace, decode_claim(body)))

    async def post(self, body: bytes) -> bytes:
        """Take a batch."""
        self._refuse_while_away()
        (results,) = self._store.write([(self._workspace, decode_batch(body))])
        if isinstance(results, Exception):
            raise results
        self.answered.set()
        return encode_results(results)

    def _refuse_while_away(self) -> None:
        self.asked.set()
        if self.failures > 0:
            self.failures -= 1
            raise Unreachable("the recorder", "connection refused")

    def runs(self) -> list[RunRecord]:
        """Give all runs of the deployment, oldest first."""
        rows, _ = self._queries.list_runs("uid-dep-a", limit=100)
        return rows[::-1]


@contextmanager
def store_at_the_wire(place: Path, workspace: str) -> Iterator[StoreAtTheWire]:
    """Open a run store in this folder."""
    path = place / "runs.sqlite"
    with writing(path) as engine:
        reader = reading(path)
        try:
            yield StoreAtTheWire(RunStore(engine), RunQueries(reader), workspace)
        finally:
            reader.dispose()


def soon(count: int) -> list[datetime]:
    """Give seconds of one minute, all of them to come, the first one in a second or two."""
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    if first.second + count > 60:
        first = first.replace(second=0) + timedelta(minutes=1)
    return [first + timedelta(seconds=n) for n in range(count)]


def past(count: int) -> list[datetime]:
    """Give seconds of the minute before this one."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    return [minute + timedelta(seconds=n) for n in range(count)]


def rule_of(times: list[datetime]) -> str:
    """Give the rule that names these seconds of each minute."""
    return f"{','.join(str(at.second) for at in times)} * * * * *"


def job_of_minute(times: list[datetime]) -> str:
    """Name the Job of the minute of these seconds."""
    return job_name(times[0].replace(second=0))


async def tick_once(
    folder: SignedFolder, live: Live, store: StoreAtTheWire, **changes: Any
) -> Exit:
    """Be the pod of a Job, to its end."""
    return await run_tick(settings(folder, live, **changes), store.wires, asyncio.Event())


def scheduled(store: StoreAtTheWire) -> list[str]:
    """Give the ticks that have a run, in the order in which these began."""
    # ids of one millisecond have no order
    began = {run.event_data["scheduledAt"]: run.event_data["timestamp"] for run in store.runs()}
    assert len(began) == len(store.runs())
    return sorted(began, key=lambda tick: (began[tick], tick))
