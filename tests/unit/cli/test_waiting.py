"""Whatever takes its time says so on stderr, once, and only then."""

import io
import time
from contextlib import suppress

import pytest
from rich.console import Console

from dragops.cli.waiting import LINE_SECONDS, Progress
from support.command import Command
from support.one_answer import http, one_answer


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_is_done_at_once_is_not_told(is_terminal: bool) -> None:
    """No flicker, no noise in logs."""
    drawn = io.StringIO()

    with Progress(Console(file=drawn, force_terminal=is_terminal)).tell("thinking"):
        pass

    assert "thinking" not in drawn.getvalue()


def test_a_terminal_sees_that_something_goes_on() -> None:
    """It turns until it is over, and leaves nothing behind."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True)

    with Progress(console, patience=0).tell("thinking"):
        time.sleep(0.3)

    assert "thinking ..." in drawn.getvalue()
    assert drawn.getvalue().endswith("\x1b[2K")


def test_what_is_told_inside_something_that_is_told_stays_untold() -> None:
    """One line for one thing that a person asked for; afterwards the next is told again."""
    drawn = io.StringIO()
    progress = Progress(Console(file=drawn, force_terminal=False), patience=0)

    with progress.tell("outer"), progress.tell("inner"):
        time.sleep(0.3)
    with suppress(ZeroDivisionError), progress.tell("second"):
        time.sleep(0.3)
        _ = 1 / 0
    with progress.tell("third"):
        time.sleep(0.3)

    assert drawn.getvalue() == "outer ...\nsecond ...\nthird ...\n"


def test_a_slow_answer_of_the_api_is_told(alone: Command) -> None:
    """Every call, also of commands that usually are quick."""
    answer = http("200 OK", b'{"success": true, "data": {}}', "Content-Type: application/json")

    with one_answer(answer, after=LINE_SECONDS + 0.5) as url:
        ran = alone.good("health", "--url", url, "--token", "t", "-o", "json")

    assert ran.err == f"asking {url} ...\n"
