"""What a running program may ask of the engine; implements ``dragops.nodes.context.Context``.

Limits end a run with ``RunStopped``, which no Try / Catch of a program can hold.
"""

import asyncio
import os
import random
import re
import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from dragops.engine.encoding import encoded
from dragops.engine.failure import describe_failure
from dragops.engine.run import LogEntry, Reply, Run
from dragops.errors import RunFailure, RunStopped
from dragops.history.timeline import STEPS_MAX, encode_timeline
from dragops.model.run import RunStatus
from dragops.nodes.context import RunFacts
from dragops.nodes.convert import to_string
from dragops.nodes.outside import Outside

LOG_ENTRIES_MAX = 1_000
LOG_BYTES_MAX = 256 * 1024
ENTRY_BYTES_MAX = 16 * 1024

_FAIR_SECONDS = 0.005
"""A run that loops lets others have the processor after this time."""
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class RunContext:
    """One run, seen from its program."""

    def __init__(self, run: Run, *, deadline: float, outside: Outside) -> None:
        self.variables: dict[str, Any] = _fresh(run.program.variables)
        self.entries: list[tuple[int, str, str | None, str]] = []
        """The fields of log entries: orjson writes tuples, but no named ones."""
        self.dropped = 0
        self.last_outputs: dict[str, Any] | None = None
        self.reply: Reply | None = None
        self.environment = run.deployed.environment.variables
        self.secrets = run.deployed.environment.secrets
        self.outside = outside
        self._mask = run.deployed.environment.mask
        self._run = run
        self._deadline = deadline
        self._steps_left = run.deployed.live.limits.max_steps
        self._node: str | None = None
        self._log_bytes_left = LOG_BYTES_MAX
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
        if now > self._deadline:
            raise self._too_late()
        await asyncio.sleep(0)
        self._yielded_at = time.monotonic()

    def log(self, level: str, message: str) -> None:
        """Write a log entry without secrets; past the caps it is only counted."""
        message = self._mask.text(message)
        size = len(message) if message.isascii() else len(message.encode("utf-8", "replace"))
        if size > ENTRY_BYTES_MAX:
            message, size = _cut(message), ENTRY_BYTES_MAX
        if len(self.entries) >= LOG_ENTRIES_MAX or size > self._log_bytes_left:
            self.dropped += 1
            return
        self._log_bytes_left -= size
        entry = (time.time_ns() // 1_000_000, level, self._node, message)
        self.entries.append(entry)
        if self._run.heard is not None:
            self._run.heard(LogEntry(*entry))

    def outputs(self, node_id: str, values: dict[str, Any]) -> None:  # noqa: ARG002,RUF100 protocol
        """Keep what the last impure node put out."""
        self.last_outputs = values

    def respond(self, status: int, headers: dict[str, str], body: Any) -> None:
        """Answer the waiting webhook, without secrets."""
        if self.reply is not None:
            self.log("warn", "The webhook was answered already: this answer is dropped")
            return
        shown = self._mask.value(_checked_headers(headers)), self._mask.value(body)
        self.reply = Reply(_checked_status(status), *shown)
        waiting = self._run.replied
        if waiting is not None and not waiting.done():
            waiting.set_result(self.reply)

    async def emit(self, topic: str, payload: Any) -> None:
        """Tell in the log of an event, as nothing delivers events yet."""
        self.log("warn", f"The event {topic} reaches nobody yet: {to_string(payload, 'payload')}")

    def failure(self, exc: Exception) -> dict[str, Any]:
        """Describe an exception for Try / Catch: {type, message, nodeId, data}."""
        told = describe_failure(exc, self._run.program, self._mask)
        return {key: told.get(key) for key in ("type", "message", "nodeId", "data")}

    def facts(self) -> RunFacts:
        """Tell what is run; each run is tried once."""
        live, program = self._run.deployed.live, self._run.program
        return RunFacts(
            run_id=self._run.id,
            pattern_id=live.pattern,
            pattern_name=program.manifest.title or live.pattern,
            deployment_id=live.deployment,
            version=program.version,
            trigger=self._run.triggered_by.value,
            attempt=1,
            started_at=datetime.fromtimestamp(self._began_at // 1_000_000 / 1000, UTC),
            workspace=live.namespace,
        )

    def now(self) -> datetime:
        """Give the time, UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait; a sleep that would end past the deadline fails at once."""
        if time.monotonic() + seconds > self._deadline:
            raise self._too_late()
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

    def log_json(self) -> str | None:
        """Give the log as the run store keeps it."""
        return encoded(self.entries) if self.entries else None

    def _drop_step(self) -> None:
        self._steps_dropped += 1
        # the last step that is kept ended here
        self._steps_end = self._steps_end or time.perf_counter_ns()

    def _count(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            most = self._run.deployed.live.limits.max_steps
            message = f"The run took more than {most} steps (limits.maxSteps)"
            raise RunStopped(RunStatus.FAILED, "LimitError", message)

    def _too_late(self) -> RunStopped:
        seconds = self._run.deployed.live.limits.timeout_seconds
        return RunStopped(RunStatus.TIMEOUT, "TimeoutError", too_long(seconds))


def _fresh(variables: Mapping[str, Any]) -> dict[str, Any]:
    return deepcopy(dict(variables)) if variables else {}


def too_long(seconds: int) -> str:
    """Say that a run had no more time."""
    return f"The run took longer than {seconds} s (limits.timeoutSeconds)"


def _cut(message: str) -> str:
    kept = message.encode("utf-8", "replace")[: ENTRY_BYTES_MAX - 3]
    return kept.decode("utf-8", "ignore") + "…"


def _checked_status(status: int) -> int:
    if not 200 <= status <= 599:
        raise RunFailure("LimitError", f"Status {status} is not between 200 and 599")
    return status


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or any(mark in str(value) for mark in "\r\n\0"):
            raise RunFailure("ParseError", f"Header {name!r} cannot be sent: line end or bad name")
    return {name: str(value) for name, value in headers.items()}
