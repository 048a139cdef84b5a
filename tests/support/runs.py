"""Runs a pattern without an engine: compiled, or walked by the reference interpreter."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from dragops.compiler.compile import compile_pattern
from dragops.errors import RunFailure, RunStopped
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program
from support.context import RecordingContext
from support.virtual_time import run_in_virtual_time

FILE = "<dragops test>"
Called = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass
class Outcome:
    """Everything that a run did which anybody can see."""

    logged: list[tuple[str, str, str | None]]
    steps: list[str]
    answers: list[tuple[int, dict[str, str], Any]]
    variables: dict[str, Any]
    last: tuple[str, dict[str, Any]] | None
    failure: dict[str, Any] | None
    status: str = "completed"
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    emitted: list[tuple[str, Any]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [message for _, message, _ in self.logged]


def outcome_of(
    ctx: RecordingContext,
    main: Callable[[], Coroutine[Any, Any, None]],
    *,
    cancelled_after: float | None = None,
) -> Outcome:
    """Run to the end, or cancel it after so many seconds; tell what happened."""
    failure, status = None, "completed"
    try:
        run_in_virtual_time(_cancelled(main(), cancelled_after))
    except asyncio.CancelledError:
        status = "cancelled"
    except RunFailure as exc:
        failure, status = ctx.failure(exc), "failed"
    except RunStopped as exc:
        status = exc.status
        failure = {"type": exc.type, "message": exc.message, "nodeId": None, "data": None}
    variables = {n: list(v) if isinstance(v, list) else v for n, v in ctx.variables.items()}
    seen = (ctx.logged, ctx.steps, ctx.answers, variables, ctx.last, failure, status)
    return Outcome(*seen, ctx.calls, ctx.given, ctx.emitted, ctx.slept)


async def _cancelled(flow: Coroutine[Any, Any, None], seconds: float | None) -> None:
    task = asyncio.ensure_future(flow)
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, task.cancel)
    await task


def run_pattern(
    spec: PatternSpec,
    event: dict[str, Any],
    *,
    start: str | None = None,
    ctx: RecordingContext | None = None,
) -> Outcome:
    """Compile a pattern and run its trigger `start`, or the first one."""
    return run_program(compile_pattern(spec, name="test"), event, start=start, ctx=ctx)


def run_program(
    program: Program,
    event: dict[str, Any],
    *,
    start: str | None = None,
    ctx: RecordingContext | None = None,
    called: Called | None = None,
    cancelled_after: float | None = None,
) -> Outcome:
    """Run a compiled program, with the variables of `ctx` if that is given.

    `called` stands in for the patterns that it calls.
    """
    module: dict[str, Any] = {}
    exec(compile(program.text, FILE, "exec"), module)  # what the engine does with it
    trigger = start or program.manifest.triggers[0].node_id
    ctx = ctx or RecordingContext(module["VARIABLES"])
    ctx.node_of = lambda exc: failed_node(program, exc)
    ctx.called = called or ctx.called
    main = module["TRIGGERS"][trigger]
    return outcome_of(ctx, lambda: main(ctx, event), cancelled_after=cancelled_after)


def failed_node(program: Program, exc: Exception) -> str | None:
    """Find the node of the innermost line of the program in a traceback, as the engine does."""
    node, frame = None, exc.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == FILE:
            node = program.manifest.node_at(frame.tb_lineno)
        frame = frame.tb_next
    return node
