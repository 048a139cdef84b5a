"""Runs one program without a cluster: the engine's runner and context, and a store in memory.

What a run does here it does in an engine, too; only who may, who signs and who stores is left out.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dragops.engine.asgi import Answer
from dragops.engine.deployed import Deployed
from dragops.engine.environment import NO_ENVIRONMENT, Environment
from dragops.engine.meters import Meters
from dragops.engine.outside.doors import doors
from dragops.engine.program import LoadedProgram, load_program
from dragops.engine.record import Recorder
from dragops.engine.replies import accepted_answer, outcome_answer, reply_answer
from dragops.engine.run import LogEntry, Outcome, Run, manual_event
from dragops.engine.runner import Runner
from dragops.errors import NotFound
from dragops.history.batch import Accepted, Finish, decode_batch, encode_results
from dragops.model.bundle import Live, ProgramPointer
from dragops.model.deployment import Limits
from dragops.model.ids import RunId, made_at, new_run_id
from dragops.model.program import Program, Trigger
from dragops.model.run import TriggeredBy
from dragops.model.stored_program import ProgramFiles
from dragops.nodes.outside import Outside

_WORKSPACE = "local"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be run, and with what."""

    program: Program
    start: str | None = None
    """The trigger's node; without one On Start, else the first trigger."""
    event: Any = None
    environment: Environment = NO_ENVIRONMENT
    timeout_seconds: int = Limits().timeout_seconds
    egress_allow: str = ""
    """Networks and host names that it may reach beside the internet, several by commas."""


class Ended(NamedTuple):
    """A run that is over, and its record as an engine would have it stored."""

    run: Run
    outcome: Outcome
    record: Finish
    milliseconds: float
    variables: dict[str, Any]
    """What the pattern's variables held in the end, without secrets."""

    @property
    def began_at(self) -> int:
        """Give the moment of the beginning, in milliseconds since 1970."""
        return made_at(self.run.id)

    def answer(self) -> Answer | None:
        """Give what the sender of a webhook would be told; None when no webhook started the run."""
        if self.run.trigger.type != "OnWebhook":
            return None
        if self.run.trigger.settings["responseMode"] == "Immediate":
            return accepted_answer(self.run.id, duplicate=False)
        replied = self.run.replied
        if replied is not None and replied.done():
            return reply_answer(replied.result(), self.run.id)
        return outcome_answer(self.outcome, self.run.id)


class _Memory:
    """Stands where the recorder is: keeps what it is told."""

    def __init__(self) -> None:
        self.ends: dict[str, Finish] = {}

    async def post(self, body: bytes) -> bytes:
        batch = decode_batch(body)
        self.ends |= {finish.run_id: finish for finish in batch.finishes}
        return encode_results(Accepted(RunId(accept.run_id), False) for accept in batch.accepts)


async def run_alone(
    wish: Wish, heard: Callable[[LogEntry], None], outside: Outside | None = None
) -> Ended:
    """Run a program to its end; ``heard`` gets each log entry as it is written.

    Without an ``outside`` of its own it reaches what the engine's policy and the wish allow.
    """
    memory = _Memory()
    recorder = Recorder(memory.post)
    runner = Runner(recorder, Meters(), queue=0, outside=outside or doors(wish.egress_allow))
    run = _run_of(wish)
    run.heard = heard
    ended, stored = run.await_end()
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(each) for each in (recorder.run(), runner.watch())]
        try:
            began = time.perf_counter()
            runner.begin(run, at_once=runner.reserve(run.deployed))
            context = runner.context(run.id)
            outcome = await ended
            milliseconds = (time.perf_counter() - began) * 1000
            await stored
        finally:
            await runner.drain(0)
            for task in beside:
                task.cancel()
    held = wish.environment.mask.value(context.variables) if context else {}
    return Ended(run, outcome, memory.ends[run.id], milliseconds, held)


def _run_of(wish: Wish) -> Run:
    deployed = Deployed(_live(wish), loaded := _loaded(wish), {}, wish.environment)
    trigger = loaded.trigger(wish.start)
    if trigger is None:
        raise NotFound("trigger", str(wish.start))
    event = _whole_event(trigger, {} if wish.event is None else wish.event)
    run = Run(new_run_id(), deployed, loaded, trigger, TriggeredBy.MANUAL, event)
    run.replied = asyncio.get_running_loop().create_future()
    return run


def _loaded(wish: Wish) -> LoadedProgram:
    live, program = _live(wish), wish.program
    files = ProgramFiles(program.text.encode(), program.manifest.packed())
    return load_program(
        live, ProgramPointer(version=1, config_map="", digest=program.digest), files
    )


def _live(wish: Wish) -> Live:
    name = wish.program.manifest.pattern
    return Live(
        namespace=_WORKSPACE,
        deployment=name,
        uid=name,
        serial=1,
        state="active",
        pattern=name,
        title=wish.program.manifest.title,
        limits=Limits(timeout_seconds=wish.timeout_seconds),
    )


def _whole_event(trigger: Trigger, given: Any) -> dict[str, Any]:
    """Give an event with all that its trigger always has, where only a part was given."""
    event = manual_event(trigger, given)
    match trigger.type:
        case "OnWebhook":
            bare = {"body": {}, "headers": {}, "query": {}, "method": "POST", "url": ""}
            headers = event.get("headers")
            if isinstance(headers, Mapping):
                # as they come from a connection
                event = event | {"headers": {str(k).lower(): v for k, v in headers.items()}}
            return bare | event
        case "OnSchedule":
            now = datetime.now(UTC)
            return {"timestamp": now, "scheduledAt": now} | event
        case _:
            return event
