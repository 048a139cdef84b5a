"""Collects lines of Python, each with the node that it came from."""

from collections.abc import Iterator
from contextlib import contextmanager


class Emitter:
    """Collects lines and remembers which node each of them came from."""

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.lines: list[str | None] = []
        """One that was taken away is None, so that the numbers of the others stay."""
        self.origins: list[str | None] = []

    def line(self, text: str, *, origin: str | None = None) -> int:
        """Add one line at the current depth; give its number, for ``replace``."""
        self.lines.append("    " * self.depth + text if text else "")
        self.origins.append(origin)
        return len(self.lines) - 1

    @contextmanager
    def block(self, head: str, *, origin: str | None = None) -> Iterator[int]:
        """Add a header line (gives its number) and indent what is added inside the ``with``."""
        number = self.line(f"{head}:", origin=origin)
        self.depth += 1
        before = len(self.lines)
        yield number
        if len(self.lines) == before:
            self.line("pass", origin=origin)
        self.depth -= 1

    def replace(self, number: int, old: str, new: str) -> None:
        """Put ``new`` for ``old`` in a line that was added before."""
        self.lines[number] = (self.lines[number] or "").replace(old, new)

    def drop(self, number: int) -> None:
        """Take away a line."""
        self.lines[number] = None

    def unwrap(self, number: int) -> None:
        """Take away the header in this line, and a level from all lines that came after it."""
        self.lines[number] = None
        for at in range(number + 1, len(self.lines)):
            self.lines[at] = (self.lines[at] or "")[4:] or None

    def written(self) -> Iterator[tuple[str, str | None]]:
        """Give each line with its origin."""
        for line, origin in zip(self.lines, self.origins, strict=True):
            if line is not None:
                yield line, origin

    def add(self, other: "Emitter") -> None:
        """Add all lines of another emitter as they are."""
        for line, origin in other.written():
            self.lines.append(line)
            self.origins.append(origin)

    def text(self) -> str:
        """Give everything as one text."""
        return "\n".join(line for line, _ in self.written()) + "\n"
