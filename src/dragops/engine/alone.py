"""Runs one program without a cluster: the engine's runner and context, and a store in memory.

What a run does here it does in an engine, too; only who may, who signs and who stores is left out.
It can call the programs that stand beside it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dragops.engine.asgi import Answer
from dragops.engine.calls import LocalCalls
from dragops.engine.context import RunContext
from dragops.engine.deployed import Deployed, Registry
from dragops.engine.encoding import encoded
from dragops.engine.environment import NO_ENVIRONMENT, Environment
from dragops.engine.intake import Intake
from dragops.engine.meters import Meters
from dragops.engine.outside.doors import doors
from dragops.engine.program import load_program
from dragops.engine.record import Recorder
from dragops.engine.replies import accepted_answer, outcome_answer, reply_answer
from dragops.engine.run import Outcome, Run, manual_event
from dragops.engine.run_log import LogEntry
from dragops.engine.runner import Runner
from dragops.errors import BadInput, NotFound
from dragops.history.batch import Accept, Accepted, Finish, decode_batch, encode_results
from dragops.model.bundle import Live, ProgramPointer
from dragops.model.deployment import Limits
from dragops.model.ids import RunId, made_at, name_of, new_run_id
from dragops.model.program import Program, Trigger
from dragops.model.run import TriggeredBy
from dragops.model.stored_program import ProgramFiles
from dragops.nodes.outside import Outside

_WORKSPACE, _DEP = "local", "dep-"
_FLUSH_SECONDS = 5.0


class Prepared(NamedTuple):
    """A program, and what its deployment would give to its runs."""

    program: Program
    limits: Limits = Limits()
    environment: Environment = NO_ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be run, and with what."""

    wanted: Prepared
    beside: tuple[Prepared, ...] = ()
    """What it may call."""
    start: str | None = None
    """The trigger's node; without one On Start, else the first trigger."""
    event: Any = None
    egress_allow: str = ""
    """Networks and host names that it may reach beside the internet, several by commas."""


class Called(NamedTuple):
    """A run that was called by another one, and is over."""

    pattern: str
    run_id: str
    status: str


class Ended(NamedTuple):
    """A run that is over, and its record as an engine would have it stored."""

    run: Run
    outcome: Outcome
    record: Finish
    milliseconds: float
    variables: dict[str, Any]
    """What the pattern's variables held in the end, without secrets."""
    called: tuple[Called, ...]

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
        self.begun: list[Accept] = []
        self.ends: dict[str, Finish] = {}

    async def post(self, body: bytes) -> bytes:
        batch = decode_batch(body)
        self.begun += batch.accepts
        self.ends |= {finish.run_id: finish for finish in batch.finishes}
        return encode_results(Accepted(RunId(accept.run_id), False) for accept in batch.accepts)


async def run_alone(
    wish: Wish, heard: Callable[[LogEntry], None], outside: Outside | None = None
) -> Ended:
    """Run a program to its end; ``heard`` gets each log entry as it is written.

    Without an ``outside`` of its own it reaches what the engine's policy and the wish allow.
    """
    memory, registry = _Memory(), Registry()
    recorder = Recorder(memory.post)
    runner = Runner(recorder, Meters(), queue=0, outside=outside or doors(wish.egress_allow))
    runner.calls = LocalCalls(registry, Intake(recorder, runner))
    run = _run_of(wish, _deployed(wish, registry))
    run.heard = heard
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(each) for each in (recorder.run(), runner.watch())]
        try:
            began = time.perf_counter()
            context, outcome = await _outcome(runner, run)
            milliseconds = (time.perf_counter() - began) * 1000
            await recorder.flush(_FLUSH_SECONDS)
        finally:
            await runner.drain(0)
            for task in beside:
                task.cancel()
    held = context.mask.value(context.variables)
    return Ended(run, outcome, memory.ends[run.id], milliseconds, held, _called(memory))


async def _outcome(runner: Runner, run: Run) -> tuple[RunContext, Outcome]:
    ended, _ = run.await_end()
    runner.begin(run, at_once=runner.reserve(run.deployed))
    context = runner.context(run.id)
    assert context is not None  # noqa: S101  its task has not begun yet
    return context, await ended


def _called(memory: _Memory) -> tuple[Called, ...]:
    return tuple(
        Called(each.deployment.removeprefix(_DEP), each.run_id, memory.ends[each.run_id].status)
        for each in memory.begun
        if each.run_id in memory.ends
    )


def _deployed(wish: Wish, registry: Registry) -> Deployed:
    """Deploy everything that is wished for, and give what is to be run."""
    every = (wish.wanted, *wish.beside)
    lives = [_live(each.program, each.limits) for each in every]
    for live, (program, _, environment) in zip(lives, every, strict=True):
        loaded = load_program(live, _pointer(program), _files(program))
        registry.put(Deployed(live, loaded, {}, environment))
    found = registry.get(lives[0].deployment)
    assert found is not None  # noqa: S101  it was put there
    return found


def _run_of(wish: Wish, deployed: Deployed) -> Run:
    program = deployed.program
    trigger = program.trigger(wish.start) if program else None
    if program is None or trigger is None:
        raise NotFound("trigger", str(wish.start))
    event = _whole_event(trigger, {} if wish.event is None else wish.event)
    size, most = _bytes_of(trigger, event), deployed.live.limits.max_event_bytes
    if size > most:
        raise BadInput("event", f"takes {size} bytes: limits.maxEventBytes allows {most}")
    run = Run(new_run_id(), deployed, program, trigger, TriggeredBy.MANUAL, event)
    run.replied = asyncio.get_running_loop().create_future()
    return run


def _pointer(program: Program) -> ProgramPointer:
    return ProgramPointer(version=1, config_map="", digest=program.digest)


def _files(program: Program) -> ProgramFiles:
    return ProgramFiles(program.text.encode(), program.manifest.packed())


def _live(program: Program, limits: Limits) -> Live:
    name = name_of(program.manifest.pattern)
    return Live(
        namespace=_WORKSPACE,
        deployment=f"{_DEP}{name}",
        uid=name,
        serial=1,
        state="active",
        pattern=name,
        title=program.manifest.title,
        limits=limits,
    )


def _bytes_of(trigger: Trigger, event: Mapping[str, Any]) -> int:
    # what a deployment bounds: a webhook's body, a call's parameters
    match trigger.type:
        case "OnWebhook":
            return len(encoded(event.get("body")).encode())
        case "OnPatternCall":
            return len(encoded(event).encode())
        case _:
            return 0


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
