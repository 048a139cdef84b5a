"""What a command works with: the API, where to show things, what to tell beside them."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import typer

from dragops.cli.api import Answer, Api
from dragops.cli.config import Config, config_path, is_exposed, read_config
from dragops.cli.options import Format, Wanted
from dragops.cli.output import Printer
from dragops.cli.place import Place, find_place
from dragops.cli.terminal import err_console, out_console, safe_line
from dragops.cli.times import span
from dragops.cli.tokens import expiry_of
from dragops.cli.waiting import Progress
from dragops.errors import BadInput

EXPIRY_TOLD_SECONDS = 1800
"""A token that ends sooner than this is told of with each command."""


@dataclass(frozen=True)
class Session:
    """One command's surroundings."""

    wanted: Wanted
    format: Format = Format.TABLE
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @cached_property
    def show(self) -> Printer:
        """Give the printer to stdout."""
        return Printer(self.format, out_console(), self.clock())

    @cached_property
    def config(self) -> Config:
        """Read the stored contexts."""
        path = config_path(os.environ)
        if is_exposed(path):
            self.note(f"Others can read {path}, which holds tokens: chmod 600 {path}")
        return read_config(path)

    @cached_property
    def place(self) -> Place:
        """Find the API and the token."""
        place = find_place(self.wanted, os.environ, self.config)
        self._tell_expiry(place)
        return place

    @cached_property
    def api(self) -> Api:
        """Give the API, in one workspace."""
        return Api(self.place, progress=self.waiting)

    def api_of(self, *, every_workspace: bool) -> Api:
        """Give the API, perhaps across all workspaces in which the caller may list."""
        if not every_workspace:
            return self.api
        return Api(self.place, every_workspace=True, progress=self.waiting)

    def note(self, text: str) -> None:
        """Tell something beside the result."""
        err_console().print(safe_line(text), style="yellow")

    def heed(self, answer: Answer) -> Answer:
        """Tell what an answer warns of, and give it."""
        for warning in answer.warnings:
            self.note(f"Warning: {warning}")
        return answer

    def confirm(self, question: str, *, yes: bool) -> None:
        """Go on only if it is meant; where nobody can be asked, ``--yes`` must be there."""
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise BadInput("--yes", f"is needed where nobody can be asked: {question}")
        typer.confirm(safe_line(question), abort=True, err=True)

    def waiting(self, what: str) -> AbstractContextManager[None]:
        """Tell what is being done while it is not done at once."""
        return self._progress.tell(what)

    @cached_property
    def _progress(self) -> Progress:
        return Progress(err_console())

    def _tell_expiry(self, place: Place) -> None:
        expiry = expiry_of(place.token)
        seconds = (expiry - self.clock()).total_seconds() if expiry else EXPIRY_TOLD_SECONDS
        if seconds <= 0:
            self.note(f"The token of {place.source} ended {span(seconds)} ago: dragops login")
        elif seconds < EXPIRY_TOLD_SECONDS:
            self.note(f"The token of {place.source} ends in {span(seconds)}: dragops login")
