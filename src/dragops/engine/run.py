"""A run while it is in this process, and how it ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dragops.engine.deployed import Deployed
from dragops.engine.program import LoadedProgram
from dragops.engine.retried import event_again
from dragops.engine.run_log import LogEntry, RunLog
from dragops.errors import BadInput, RunFailure
from dragops.model.ids import RunId
from dragops.model.program import Trigger
from dragops.model.run import RunStatus, TriggeredBy
from dragops.nodes.interface import interface_of


class Reply(NamedTuple):
    """What Respond to Webhook says."""

    status: int
    headers: dict[str, str]
    body: Any


class Outcome(NamedTuple):
    """How a run ended."""

    status: RunStatus
    error: dict[str, Any] | None = None
    """{type, message, nodeId, line, data}; keys that are not known are left out."""
    outputs: dict[str, Any] | None = None
    """Of the last impure node that ran, for the response mode Last Node."""
    is_meant: bool = False
    """Whether its pattern wanted this end."""


@dataclass(slots=True, eq=False)
class Run:
    """One execution; it keeps the program and the limits with which it began."""

    id: RunId
    deployed: Deployed
    program: LoadedProgram
    trigger: Trigger
    triggered_by: TriggeredBy
    event: dict[str, Any]
    replied: asyncio.Future[Reply] | None = None
    """Set by the first Respond to Webhook when somebody waits for it."""
    ended: asyncio.Future[Outcome] | None = None
    """Set at the end when somebody waits for it."""
    stored: asyncio.Future[None] | None = None
    """Set once the end is in the run store, when somebody waits for it."""
    retry_of: RunId | None = None
    """The run whose event this one takes again."""
    heard: Callable[[LogEntry], None] | None = None
    """Gets each log entry as it is written, when somebody listens."""
    parent: RunId | None = None
    """The run that called this one."""
    depth: int = 0
    """How many calls of patterns led here."""
    log: RunLog = field(default_factory=RunLog)
    attempt: int = 1
    """The attempt that goes on, or comes next."""
    failure: Outcome | None = None
    """How the attempt before ended."""
    timeline: str | None = None
    """Of the attempt before."""
    is_answered: bool = False
    """Whether a sender who waited has had an answer."""

    @property
    def attempts_max(self) -> int:
        """Say how often it may be tried; what is called is tried again by its caller, or never."""
        retry = self.deployed.live.retry
        return retry.max_attempts if retry and self.parent is None else 1

    @property
    def is_tried_again(self) -> bool:
        """Say whether a failure now would not be the last."""
        return self.attempt < self.attempts_max and not self.is_answered

    def end_attempt(self, failure: Outcome, timeline: str | None, seconds: float) -> None:
        """Note how an attempt failed, and when the next one comes; the log has all attempts."""
        said = failure.error or {"type": failure.status, "message": ""}
        told = f"Attempt {self.attempt} of {self.attempts_max} failed"
        self.log.make_room()
        self.log.write(
            "warn",
            said.get("nodeId"),
            f"{told}: {said['type']}: {said['message']}; the next one begins in {seconds:.1f} s",
        )
        self.failure, self.timeline, self.attempt = failure, timeline, self.attempt + 1

    def await_end(self) -> tuple[asyncio.Future[Outcome], asyncio.Future[None]]:
        """Give what will say how the run ended, and that its end is stored."""
        loop = asyncio.get_running_loop()
        self.ended = self.ended or loop.create_future()
        self.stored = self.stored or loop.create_future()
        return self.ended, self.stored


def manual_event(trigger: Trigger, value: Any) -> dict[str, Any]:
    """Give the event of a run that somebody starts by hand, at any trigger; raises BadInput."""
    if trigger.type == "OnStart":
        return {"data": value if isinstance(value, dict) else {"value": value}}
    given = value if isinstance(value, dict) else {"value": value}
    if trigger.type != "OnPatternCall":
        return event_again(trigger, given)
    interface = interface_of(trigger.settings)
    if wrong := interface.unknown(given):
        raise BadInput("", wrong)
    try:
        return interface.event_in_json(given)
    except RunFailure as exc:
        raise BadInput("", exc.message) from exc
