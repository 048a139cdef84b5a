"""What a running program may ask of the engine: the only way from a node to the world outside.

``dragops.engine.context`` implements it for real runs; tests have one with a fixed clock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from dragops.model.pin import PinType
from dragops.nodes.outside import Outside


class RunFacts(NamedTuple):
    """What is known of a run when it begins."""

    run_id: str
    pattern_id: str
    pattern_name: str
    deployment_id: str
    version: int
    trigger: str
    attempt: int
    started_at: datetime
    workspace: str


class Context(Protocol):
    """One run, seen from its program."""

    variables: dict[str, Any]
    """The run's variables; starts as a deep copy of the program's ``VARIABLES`` defaults."""
    environment: Mapping[str, str]
    """The plain variables of the deployment's Environment; empty without one."""
    secrets: Mapping[str, str]
    """The Environment's secrets; whatever of a run can be seen outside shows them masked."""

    kept: dict[Any, Any]
    """What nodes keep for the rest of the run; nobody is shown it."""
    outside: Outside
    """The only ways to other machines."""

    def step(self, node_id: str) -> None:
        """Enter an impure node: count it, remember it for the log, stop the run at its limits."""

    async def turn(self) -> None:
        """Begin a loop's turn: count it, and let other runs have the processor now and then."""

    def log(self, level: str, message: str) -> None:
        """Write a log entry of the node entered last."""

    def outputs(self, node_id: str, values: dict[str, Any]) -> None:
        """Keep what an impure node put out, for the response mode Last Node."""

    def respond(self, status: int, headers: dict[str, str], body: Any) -> None:
        """Answer the waiting webhook; a second answer is a logged warning."""

    async def call(
        self,
        pattern: str,
        inputs: dict[str, Any],
        takes: Mapping[str, PinType],
        gives: Mapping[str, PinType],
    ) -> dict[str, Any]:
        """Run another pattern to its end; give what it returned. Raises a CallError.

        ``takes`` and ``gives`` are the types that the caller thinks it has.
        """

    def give(self, outputs: dict[str, Any]) -> None:
        """Set what the caller of this pattern gets; a second time is a logged warning."""

    async def emit(self, topic: str, payload: Any) -> None:
        """Publish an event to the workspace; returns when it is kept, else raises a CallError."""

    def failure(self, exc: Exception) -> dict[str, Any]:
        """Describe an exception as ``{type, message, nodeId, data}``; the node is the line's."""

    @property
    def is_tried_again(self) -> bool:
        """Say whether another attempt of the run follows when it fails now."""

    def conceal(self, secret: str) -> None:
        """Hide a text from now on as the Environment's secrets are hidden."""

    def facts(self) -> RunFacts:
        """Tell what is run, and since when."""

    def now(self) -> datetime:
        """Give the time, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait; a wait that would pass the run's deadline is a TimeoutError at once."""

    def random(self) -> float:
        """Give a number in [0, 1)."""

    def random_bytes(self, count: int) -> bytes:
        """Give bytes of the system's secure source."""
