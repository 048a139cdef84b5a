"""Says on stderr that something takes its time: a spinner at a terminal, one line elsewhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from dragops.cli.terminal import safe_line

SPINNER_SECONDS = 0.5
LINE_SECONDS = 2.0


class Progress:
    """Tells of one thing at a time: what is done inside something that is told stays untold."""

    def __init__(self, console: Console, *, patience: float | None = None) -> None:
        self._console, self._is_telling = console, False
        usual = SPINNER_SECONDS if console.is_terminal else LINE_SECONDS
        self._patience = usual if patience is None else patience

    @contextmanager
    def tell(self, what: str) -> Iterator[None]:
        """Tell what is being done when it is not done at once."""
        if self._is_telling:
            yield
            return
        self._is_telling = True
        try:
            with self._spinner(what) if self._console.is_terminal else self._line(what):
                yield
        finally:
            self._is_telling = False

    @contextmanager
    def _spinner(self, what: str) -> Iterator[None]:
        status = self._console.status(f"{safe_line(what)} ...")
        try:
            with _later(self._patience, status.start):
                yield
        finally:
            status.stop()

    @contextmanager
    def _line(self, what: str) -> Iterator[None]:
        with _later(self._patience, lambda: self._console.print(f"{safe_line(what)} ...")):
            yield


@contextmanager
def _later(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Act after these seconds, unless it is over by then; never after the end."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
