"""Tells a failure on stderr: what happened, where, what to do."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragops.cli.failures import CallRefused, NoAnswer, exit_of, hint_of
from dragops.cli.terminal import err_console, print_table, safe, safe_line
from dragops.errors import DragopsError, PatternError

_FAULT = (("NODE", "nodeId"), ("PIN", "pin"), ("WIRE", "wire"), ("CODE", "code"))
_PATH = (("WHERE", "path"),)


def tell_failure(exc: DragopsError) -> int:
    """Say what went wrong, and give the exit code."""
    console = err_console()
    console.print(Text.assemble(("Error: ", "bold red"), safe(_sentence(exc))))
    if details := _details(exc):
        _tell_details(console, details, str(exc))
    for line in getattr(exc, "lines", ()):
        console.print(safe_line(line), soft_wrap=True)
    if isinstance(exc, CallRefused | NoAnswer):
        where = str(exc.call)
        if isinstance(exc, CallRefused) and exc.request_id:
            where += f", request {exc.request_id}"
        console.print(f"  at: {safe_line(where)}", style="dim")
    if hint := hint_of(exc):
        console.print(f"  do: {hint}")
    return exit_of(exc).value


def _details(exc: DragopsError) -> Sequence[Mapping[str, object]]:
    match exc:
        case CallRefused(details=details):
            return details
        case PatternError(faults=faults) if len(faults) > 1:
            return [fault.as_json() for fault in faults]
        case _:
            return []


def _sentence(exc: DragopsError) -> str:
    if isinstance(exc, PatternError) and len(exc.faults) > 1:
        return f"the pattern does not compile: {len(exc.faults)} faults"
    said = str(exc) or type(exc).__name__
    return f"{said} ({exc.code})" if isinstance(exc, CallRefused) and exc.code else said


def _tell_details(console: Console, details: Sequence[Mapping[str, object]], told: str) -> None:
    if len(details) == 1 and str(details[0].get("message", "")) in told:
        return
    keys = _PATH if "path" in details[0] else _FAULT
    shown = [(head, key) for head, key in keys if any(d.get(key) for d in details)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head, _ in (*shown, ("WHAT", "message")):
        table.add_column(head, overflow="fold")
    for detail in details:
        table.add_row(*[safe_line(str(detail.get(key) or "")) for _, key in shown], _what(detail))
    print_table(console, table)


def _what(detail: Mapping[str, object]) -> str:
    return safe_line(str(detail.get("message", "")))
