"""What a terminal shows safely: names and logs come from strangers and may hold control codes."""

import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table

_KEPT = {"\n", "\t"}
_SHOWN = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in _KEPT
} | {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Control codes, and the marks that turn the direction of text around."""
WIDE = 100_000


def safe(text: str) -> str:
    """Make control codes visible, and harmless."""
    return text.translate(_SHOWN)


def safe_line(text: str) -> str:
    """Make a text harmless and one line."""
    return safe(text.replace("\r\n", "\n")).replace("\n", "\\n").replace("\t", " ")


def out_console() -> Console:
    """Give the console of stdout."""
    return _console(sys.stdout)


def err_console() -> Console:
    """Give the console of stderr."""
    return _console(sys.stderr)


def print_table(console: Console, table: Table) -> None:
    """Print a table; where there is no terminal, without the blanks that fill its lines up."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as drawn:
        console.print(table)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    console.file.write("".join(f"{line}\n" for line in lines))


def _console(file: TextIO) -> Console:
    """Give a console that shows texts as they are; only a terminal limits its width."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
