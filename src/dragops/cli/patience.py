"""How long a command waits for engines and runs: ``--timeout`` and ``--no-wait``."""

import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from dragops.cli.failures import OutOfTime
from dragops.cli.times import duration_of, span

POLL_SECONDS = (0.3, 0.5, 1.0, 2.0)
"""The pauses between two looks; the last one stays."""

Timeout = Annotated[
    str, typer.Option("--timeout", help="How long to wait: 90s, 5m, 1h30m.", show_default=True)
]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait until it is done, or just ask for it.")
]


def seconds_of(wait: bool, timeout: str) -> float:  # the two options as they came
    """Give how long to wait in all."""
    seconds = duration_of(timeout, "--timeout").total_seconds()
    return seconds if wait else 0.0


def looks(until: float) -> Iterator[None]:
    """Take a look now and then, until the moment of the monotonic clock."""
    for number in range(10**9):
        yield
        pause = POLL_SECONDS[min(number, len(POLL_SECONDS) - 1)]
        if time.monotonic() + pause > until:
            return
        time.sleep(pause)


def wait_for(
    read: Callable[[], Any], is_done: Callable[[Any], bool], *, until: float, what: str
) -> Any:
    """Read again and again until it is done; OutOfTime when the time is up."""
    began = time.monotonic()
    for _ in looks(until):
        if is_done(found := read()):
            return found
    raise OutOfTime(f"{what} after {span(time.monotonic() - began)}; it goes on by itself")
