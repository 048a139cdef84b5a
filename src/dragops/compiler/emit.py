"""Collects lines of Python, each with the node that it came from."""

from collections.abc import Iterator
from contextlib import contextmanager


class Emitter:
    """Collects lines and remembers which node each of them came from."""

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.lines: list[str] = []
        self.origins: list[str | None] = []

    def line(self, text: str, *, origin: str | None = None) -> int:
        """Add one line at the current depth; give its number, for ``replace``."""
        self.lines.append("    " * self.depth + text if text else "")
        self.origins.append(origin)
        return len(self.lines) - 1

    @contextmanager
    def block(self, head: str, *, origin: str | None = None) -> Iterator[None]:
        """Add a header line and indent whatever is added inside the ``with``."""
        self.line(f"{head}:", origin=origin)
        self.depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass", origin=origin)
        self.depth -= 1

    def replace(self, number: int, old: str, new: str) -> None:
        """Put ``new`` for ``old`` in a line that was added before."""
        self.lines[number] = self.lines[number].replace(old, new)

    def add(self, other: "Emitter") -> None:
        """Add all lines of another emitter as they are."""
        self.lines += other.lines
        self.origins += other.origins

    def text(self) -> str:
        """Give everything as one text."""
        return "\n".join(self.lines) + "\n"
