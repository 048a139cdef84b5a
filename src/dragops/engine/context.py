"""What a running program may ask of the engine; implements ``dragops.nodes.context.Context``.

Limits end a run with ``RunStopped``, which no Try / Catch of a program can hold.
"""

import asyncio
import math
import os
import random
import re
import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from dragops.engine.failure import describe_failure
from dragops.engine.masking import Mask
from dragops.engine.run import Outcome, Reply, Run
from dragops.errors import RunFailure, RunStopped
from dragops.history.timeline import STEPS_MAX, encode_timeline
from dragops.model.ids import RunId, id_of
from dragops.model.pin import PinType
from dragops.model.run import RunStatus
from dragops.nodes.context import RunFacts
from dragops.nodes.flow import is_ending
from dragops.nodes.outside import Outside

ENDING_SECONDS = 5.0
"""What the finally flows of a run that has to stop may take."""

_FAIR_SECONDS = 0.005
"""A run that loops lets others have the processor after this time."""
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Call(NamedTuple):
    """What Call Pattern asks for."""

    pattern: str
    inputs: dict[str, Any]
    takes: Mapping[str, PinType]
    gives: Mapping[str, PinType]
    in_json: bool = False
    """Whether the inputs have come over a wire."""


class Caller(NamedTuple):
    """A run that calls another, as far as that one must know it."""

    run_id: RunId
    depth: int
    deadline: float
    mask: Mask


class Calls(Protocol):
    """What runs other patterns for a run."""

    async def call(self, caller: "RunContext", call: Call) -> dict[str, Any]:
        """Run a pattern to its end and give what it returned; raises a CallError."""


class RunContext:
    """One run, seen from its program. What is called ends at its caller's deadline, too."""

    def __init__(
        self,
        run: Run,
        *,
        deadline: float,
        outside: Outside,
        calls: Calls | None = None,
        caller: Caller | None = None,
    ) -> None:
        self.variables: dict[str, Any] = _fresh(run.program.variables)
        self.last_outputs: dict[str, Any] | None = None
        self.reply: Reply | None = None
        self.environment = run.deployed.environment.variables
        self.secrets = run.deployed.environment.secrets
        self.outside = outside
        self.given: dict[str, Any] | None = None
        """What the caller of this run gets."""
        self.mask = run.deployed.environment.mask
        """Hides the secrets that the run can have seen: its own, and those of runs around it."""
        self.kept: dict[Any, Any] = {}
        self.run = run
        # the latter moves on a little when the run has to stop
        self.deadline = self.until = deadline
        self._late = too_long(run.deployed.live.limits.timeout_seconds)
        self._calls = calls
        if caller is not None:
            self._go_on_in(caller)
        self._steps_left: float = run.deployed.live.limits.max_steps
        self.stopped: RunStopped | None = None  # by a limit, what came first
        self._node: str | None = None
        self._is_stopping = False
        self._yielded_at = time.monotonic()
        self._steps: list[str] = []
        self._step_times: list[int] = []
        self._steps_dropped, self._steps_end = 0, 0
        self._began_at, self._began = time.time_ns(), time.perf_counter_ns()

    def step(self, node_id: str) -> None:
        """Enter an impure node."""
        self._node = node_id
        if len(self._steps) < STEPS_MAX:
            # all else waits for the end: this is asked of every node
            self._steps.append(node_id)
            self._step_times.append(time.perf_counter_ns())
        else:
            self._drop_step()
        self._count()

    async def turn(self) -> None:
        """Begin a loop's turn."""
        self._count()
        now = time.monotonic()
        if now - self._yielded_at < _FAIR_SECONDS:
            return
        if now > self.until:
            raise self.too_late()
        await asyncio.sleep(0)
        self._yielded_at = time.monotonic()

    def stop_soon(self) -> None:
        """Let finally flows run, which is all that still runs, but not for long."""
        if not self._is_stopping:
            self._is_stopping = True
            self._steps_left = math.inf
            self.until = time.monotonic() + ENDING_SECONDS

    def stop_now(self) -> None:
        """Let nothing run any more: the run has been recorded."""
        self._is_stopping = True
        self._steps_left, self.until = 0, 0.0

    def log(self, level: str, message: str) -> None:
        """Write a log entry without secrets; past the caps it is only counted."""
        if not self.until:
            return  # this attempt was left to itself, and the run goes on without it
        entry = self.run.log.write(level, self._node, self.mask.text(message))
        if entry is not None and self.run.heard is not None:
            self.run.heard(entry)

    def outputs(self, node_id: str, values: dict[str, Any]) -> None:  # noqa: ARG002,RUF100 protocol
        """Keep what the last impure node put out."""
        self.last_outputs = values

    def respond(self, status: int, headers: dict[str, str], body: Any) -> None:
        """Answer the waiting webhook, without secrets."""
        if self.reply is not None:
            self.log("warn", "The webhook was answered already: this answer is dropped")
            return
        shown = self.mask.value(_checked_headers(headers)), self.mask.value(body)
        self.reply = Reply(_checked_status(status), *shown)
        waiting = self.run.replied
        if waiting is not None and not waiting.done():
            waiting.set_result(self.reply)
            self.run.is_answered = True

    async def call(
        self,
        pattern: str,
        inputs: dict[str, Any],
        takes: Mapping[str, PinType],
        gives: Mapping[str, PinType],
    ) -> dict[str, Any]:
        """Run another pattern to its end and give what it returned."""
        if self._calls is None:
            message = f"the pattern {pattern!r} cannot be called: nothing is deployed here"
            raise RunFailure("CallError", message)
        return await self._calls.call(self, Call(pattern, inputs, takes, gives))

    def as_caller(self) -> Caller:
        """Give what a called run must know of this one."""
        return Caller(self.run.id, self.run.depth, self.until, self.mask)

    def give(self, outputs: dict[str, Any]) -> None:
        """Keep what the caller of this run gets."""
        if self.given is None:
            self.given = outputs
        else:
            self.log("warn", "The caller has its outputs already: these are dropped")

    def conceal(self, secret: str) -> None:
        """Hide a text from now on."""
        self.learn(Mask((secret,)))

    def learn(self, mask: Mask) -> None:
        """Hide from now on what another mask hides: the run may have been given of it."""
        self.mask = self.mask.with_those_of(mask)

    def late(self) -> Outcome:
        """Give how a run ends that had no more time."""
        return Outcome(RunStatus.TIMEOUT, {"type": "TimeoutError", "message": self._late})

    def too_late(self) -> RunStopped:
        """Give what ends a run that has no more time."""
        return self._stopped(RunStatus.TIMEOUT, "TimeoutError", self._late)

    async def emit(self, topic: str, payload: Any) -> None:  # noqa: ARG002,RUF100 protocol
        """Fail, as nothing delivers events yet: none must be taken for one that is kept."""
        told = "no events are delivered yet: call the pattern that wants it with Call Pattern"
        raise RunFailure("CallError", f"the event {topic} reaches nobody: {told}")

    def failure(self, exc: Exception) -> dict[str, Any]:
        """Describe an exception for Try / Catch: {type, message, nodeId, data}."""
        told = describe_failure(exc, self.run.program, self.mask)
        return {key: told.get(key) for key in ("type", "message", "nodeId", "data")}

    @property
    def is_tried_again(self) -> bool:
        """Say whether another attempt follows when this one fails now."""
        return self.run.is_tried_again

    def facts(self) -> RunFacts:
        """Tell what is run."""
        live, program = self.run.deployed.live, self.run.program
        return RunFacts(
            run_id=self.run.id,
            pattern_id=id_of(live.pattern),
            pattern_name=program.manifest.title or live.pattern,
            deployment_id=id_of(live.deployment),
            version=program.version,
            trigger=self.run.triggered_by.value,
            attempt=self.run.attempt,
            started_at=datetime.fromtimestamp(self._began_at // 1_000_000 / 1000, UTC),
            workspace=live.namespace,
        )

    def now(self) -> datetime:
        """Give the time, UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait; a sleep that would end past the deadline fails at once."""
        left = self.until - time.monotonic()
        # a cancellation that is still on its way must not be met by what can be caught
        if seconds > left and (is_ending() or not self._is_stopping):
            told = f"a wait of {seconds:g} s would pass the run's deadline, {left:.3f} s from now"
            raise RunFailure("TimeoutError", f"{told} (limits.timeoutSeconds)")
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """Give a number in [0, 1)."""
        return random.random()  # noqa: S311 a pattern's dice; random_bytes is for secrets

    def random_bytes(self, count: int) -> bytes:
        """Give bytes of the system's secure source."""
        return os.urandom(count)

    def timeline_json(self) -> str | None:
        """Give the times of the nodes as the run store keeps them."""
        if not self._steps:
            return None
        end = self._steps_end or time.perf_counter_ns()
        return encode_timeline(
            self._began_at // 1_000_000,
            self._steps,
            [(at - self._began) // 1_000 for at in self._step_times],
            end=(end - self._began) // 1_000,
            dropped=self._steps_dropped,
        )

    def _drop_step(self) -> None:
        self._steps_dropped += 1
        # the last step that is kept ended here
        self._steps_end = self._steps_end or time.perf_counter_ns()

    def _count(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            most = self.run.deployed.live.limits.max_steps
            message = f"The run took more than {most} steps (limits.maxSteps)"
            raise self._stopped(RunStatus.FAILED, "LimitError", message)

    def _go_on_in(self, caller: Caller) -> None:
        self.learn(caller.mask)
        if caller.deadline <= self.deadline:
            self.deadline = self.until = caller.deadline
            self._late = "The run that called this one has no more time"

    def _stopped(self, status: RunStatus, type_: str, message: str) -> RunStopped:
        self.stop_soon()
        self.stopped = self.stopped or RunStopped(status, type_, message)
        return self.stopped


def _fresh(variables: Mapping[str, Any]) -> dict[str, Any]:
    return deepcopy(dict(variables)) if variables else {}


def too_long(seconds: int) -> str:
    """Say that a run had no more time."""
    return f"The run took longer than {seconds} s (limits.timeoutSeconds)"


def _checked_status(status: int) -> int:
    if not 200 <= status <= 599:
        raise RunFailure("LimitError", f"Status {status} is not between 200 and 599")
    return status


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or any(mark in str(value) for mark in "\r\n\0"):
            raise RunFailure("ParseError", f"Header {name!r} cannot be sent: line end or bad name")
    return {name: str(value) for name, value in headers.items()}
