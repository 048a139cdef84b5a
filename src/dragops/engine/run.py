"""A run while it is in this process, and how it ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from dragops.engine.deployed import Deployed
from dragops.engine.program import LoadedProgram
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


class LogEntry(NamedTuple):
    """A line that a run wrote; ``at`` is milliseconds since 1970."""

    at: int
    level: str
    node_id: str | None
    message: str


class Outcome(NamedTuple):
    """How a run ended."""

    status: RunStatus
    error: dict[str, Any] | None = None
    """{type, message, nodeId, line, data}; keys that are not known are left out."""
    outputs: dict[str, Any] | None = None
    """Of the last impure node that ran, for the response mode Last Node."""


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
        return given
    interface = interface_of(trigger.settings)
    if wrong := interface.unknown(given):
        raise BadInput("", wrong)
    try:
        return interface.event_in_json(given)
    except RunFailure as exc:
        raise BadInput("", exc.message) from exc
