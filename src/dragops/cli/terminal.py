"""What a terminal shows safely: names and logs come from strangers and may hold control codes."""

import sys

from rich.console import Console

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
    """Give the console of stdout: as wide as needed where no terminal limits it."""
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def err_console() -> Console:
    """Give the console of stderr."""
    console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console
