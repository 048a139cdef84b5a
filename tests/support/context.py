"""A run's context with a fixed clock that records what the program does."""

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from dragops.errors import RunFailure, RunStopped
from dragops.model.pin import PinType
from dragops.nodes.context import RunFacts
from dragops.nodes.outside import Outside
from support.peers import Peers

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass
class RecordingContext:
    """What nodes.md 2.6 fixes for examples; `node_of` finds the node of a failure."""

    variables: dict[str, Any] = field(default_factory=dict)
    node_of: Callable[[Exception], str | None] = lambda _exc: None
    logged: list[tuple[str, str, str | None]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    emitted: list[tuple[str, Any]] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    called: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _pattern, _inputs: {}
    given: list[dict[str, Any]] = field(default_factory=list)
    last: tuple[str, dict[str, Any]] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: {"REGION": "eu"})
    secrets: Mapping[str, str] = field(default_factory=lambda: {"API_TOKEN": "s3cret"})
    kept: dict[Any, Any] = field(default_factory=dict)
    concealed: list[str] = field(default_factory=list)
    outside: Outside = field(default_factory=Peers)
    turns: int = 0
    max_steps: int = 2_000
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.variables = copy.deepcopy(self.variables)
        self._numbers = cycle((0.25, 0.5, 0.75))

    def step(self, node_id: str) -> None:
        self.steps.append(node_id)
        self._count()

    def _count(self) -> None:
        if len(self.steps) + self.turns > self.max_steps:
            raise RunStopped("failed", "LimitError", "too many steps")

    async def turn(self) -> None:
        self.turns += 1
        self._count()

    def log(self, level: str, message: str) -> None:
        self.logged.append((level, message, self.steps[-1] if self.steps else None))

    def outputs(self, node_id: str, values: dict[str, Any]) -> None:
        self.last = (node_id, values)

    def respond(self, status: int, headers: dict[str, str], body: Any) -> None:
        self.answers.append((status, headers, body))

    async def call(
        self,
        pattern: str,
        inputs: dict[str, Any],
        takes: Mapping[str, PinType],
        gives: Mapping[str, PinType],
    ) -> dict[str, Any]:
        self.calls.append((pattern, inputs, dict(takes), dict(gives)))
        return self.called(pattern, inputs)

    def give(self, outputs: dict[str, Any]) -> None:
        self.given.append(outputs)

    async def emit(self, topic: str, payload: Any) -> None:
        self.emitted.append((topic, payload))

    def failure(self, exc: Exception) -> dict[str, Any]:
        assert isinstance(exc, RunFailure), repr(exc)
        node = self.node_of(exc)
        return {"type": exc.type, "message": exc.message, "nodeId": node, "data": exc.data}

    @property
    def is_tried_again(self) -> bool:
        return False

    def conceal(self, secret: str) -> None:
        self.concealed.append(secret)

    def facts(self) -> RunFacts:
        return RunFacts(
            "run_1",
            "pat_1",
            "Example",
            "dep_1",
            1,
            "manual",
            1,
            started_at=NOW,
            workspace="default",
        )

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds)

    def random(self) -> float:
        return next(self._numbers)

    def random_bytes(self, count: int) -> bytes:
        return bytes(i % 256 for i in range(count))
