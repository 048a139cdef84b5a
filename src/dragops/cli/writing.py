"""Documents that commands write: to stdout, or into a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dragops.cli.terminal import err_console, safe, safe_line
from dragops.errors import BadInput

PatternPath = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A manifest, an export, or the API's JSON; - is stdin."),
]
To = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="A file to write, instead of stdout."),
]


def write_document(text: str, to: str | None) -> None:
    """Write a text into a file as it is; on stdout no control code of it acts."""
    if to is None:
        sys.stdout.write(safe(text))
        return
    try:
        Path(to).write_text(text, "utf-8", newline="\n")
    except OSError as exc:
        raise BadInput("--output", f"{to}: {exc.strerror}") from exc
    err_console().print(safe_line(f"Written to {to}."), style="yellow")
