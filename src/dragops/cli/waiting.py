"""Says on stderr that something takes its time: a spinner at a terminal, one line elsewhere."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from dragops.cli.terminal import safe_line

SPINNER_SECONDS = 0.5
LINE_SECONDS = 2.0


@contextmanager
def waiting(console: Console, what: str) -> Iterator[None]:
    """Tell what is being done when it is not done at once."""
    if not console.is_terminal:
        timer = threading.Timer(LINE_SECONDS, console.print, [f"{safe_line(what)} ..."])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        return
    status = console.status(f"{safe_line(what)} ...")
    timer = threading.Timer(SPINNER_SECONDS, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
