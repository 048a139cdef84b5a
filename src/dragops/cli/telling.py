"""Tells a failure on stderr: what happened, where, what to do."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragops.cli.failures import CallRefused, NoAnswer, exit_of, hint_of
from dragops.cli.terminal import err_console, safe, safe_line
from dragops.errors import DragopsError

_FAULT = (("NODE", "nodeId"), ("PIN", "pin"), ("WIRE", "wire"), ("CODE", "code"))
_PATH = (("WHERE", "path"),)


def tell_failure(exc: DragopsError) -> int:
    """Say what went wrong, and give the exit code."""
    console = err_console()
    console.print(Text("Error: ", style="bold red") + Text(safe(_sentence(exc)), style=""))
    if isinstance(exc, CallRefused) and exc.details:
        _tell_details(console, exc.details, exc.message)
    if isinstance(exc, CallRefused | NoAnswer):
        where = str(exc.call)
        if isinstance(exc, CallRefused) and exc.request_id:
            where += f", request {exc.request_id}"
        console.print(f"  at: {safe_line(where)}", style="dim")
    if hint := hint_of(exc):
        console.print(f"  do: {hint}")
    return exit_of(exc).value


def _sentence(exc: DragopsError) -> str:
    said = str(exc) or type(exc).__name__
    return f"{said} ({exc.code})" if isinstance(exc, CallRefused) and exc.code else said


def _tell_details(console: Console, details: Sequence[dict[str, object]], told: str) -> None:
    if len(details) == 1 and str(details[0].get("message", "")) in told:
        return
    keys = _PATH if "path" in details[0] else _FAULT
    shown = [(head, key) for head, key in keys if any(d.get(key) for d in details)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head, _ in (*shown, ("WHAT", "message")):
        table.add_column(head, overflow="fold")
    for detail in details:
        table.add_row(*[safe_line(str(detail.get(key) or "")) for _, key in shown], _what(detail))
    console.print(table)


def _what(detail: dict[str, object]) -> str:
    return safe_line(str(detail.get("message", "")))
