"""Shows data: as tables for people; as json, yaml or names for scripts, in the API's own shapes."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragops.cli.options import Format
from dragops.cli.terminal import print_table, safe, safe_line
from dragops.cli.times import age, length, told
from dragops.errors import BadInput

Object = Mapping[str, Any]
_HIDDEN = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
_STYLES = {
    **dict.fromkeys(("active", "completed", "connected", "ok", "yes"), "green"),
    **dict.fromkeys(("failed", "disconnected", "dead_letter", "timeout", "fail"), "red"),
    **dict.fromkeys(("paused", "pending", "running", "accepted", "degraded", "warn"), "yellow"),
    **dict.fromkeys(("undeployed", "cancelled", "skipped", "missed", "skip"), "dim"),
}
_STATES = {"status", "engineStatus", "ready", "live", "pinned"}
"""Where these words are states; elsewhere somebody has called a thing so."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column or line: a heading, where the value is, and how it is said."""

    head: str
    path: str
    show: Callable[[Any, datetime], str] = lambda value, _: plain(value)
    is_wide: bool = False
    folds: bool = False
    """A long text, that gives way first where a terminal is narrow."""


def aged(head: str, path: str, *, is_wide: bool = False) -> Column:
    """Give a column of how long ago something was."""
    return Column(head, path, age, is_wide)


def timed(head: str, path: str) -> Column:
    """Give a line with a moment and its distance."""
    return Column(head, path, told)


def lasting(head: str, path: str, *, is_wide: bool = False) -> Column:
    """Give a column of milliseconds."""
    return Column(head, path, lambda value, _: length(value), is_wide)


class Printer:
    """Writes to stdout in one format; ``now`` is what ages are counted from."""

    def __init__(self, format_: Format, console: Console, now: datetime) -> None:
        self.format, self._console, self._now = format_, console, now

    @property
    def is_for_people(self) -> bool:
        """Say whether tables and sentences are wanted."""
        return self.format in {Format.TABLE, Format.WIDE}

    def rows(
        self, items: Sequence[Object], columns: Iterable[Column], *, name: str | None, none: str
    ) -> None:
        """Show a list; ``name`` is where an item's name is, ``none`` is said of an empty one."""
        if self._data(items, [find(item, name) for item in items] if name else None):
            return
        if not items:
            sys.stderr.write(none + "\n")
            return
        shown = [column for column in columns if self.format is Format.WIDE or not column.is_wide]
        # who pipes a table wants lines: a cell is cut or folded on a terminal only
        table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        for column in shown:
            table.add_column(column.head, overflow="fold", no_wrap=not column.folds)
        for item in items:
            table.add_row(*[self._cell(item, column) for column in shown])
        print_table(self._console, table)

    def details(self, item: Object, lines: Iterable[Column], *, name: str | None) -> None:
        """Show one thing, a line a field; lines without a value are left out."""
        if self._data(item, [find(item, name)] if name else None):
            return
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for line in lines:
            if (cell := self._cell(item, line)).plain:
                table.add_row(Text(line.head, style="bold"), cell)
        print_table(self._console, table)

    def outcome(self, data: Object, sentence: str, *, name: str | None) -> None:
        """Show what a change has led to."""
        if not self._data(data, [find(data, name) or name] if name else None):
            self._console.print(safe_line(sentence))

    def outcomes(self, made: Sequence[tuple[Object, str]], *, name: str | None) -> None:
        """Show what several changes have led to: one as itself, more as a list."""
        if len(made) == 1 or self.format not in {Format.JSON, Format.YAML}:
            for data, sentence in made:
                self.outcome(data, sentence, name=name)
        elif made:
            self._data([data for data, _ in made], None)

    def passage(self, text: str) -> None:
        """Write a text of several lines that strangers may have written, made harmless."""
        self.text(safe(text))

    def text(self, text: str) -> None:
        """Write a text as it is, with a line's end."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def _data(self, data: object, names: list[object] | None) -> bool:
        match self.format:
            case Format.JSON:
                self.text(as_json(data))
            case Format.YAML:
                self.text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
            case Format.NAME:
                if names is None:
                    raise BadInput("--output", "name: what is shown here has no names")
                for name in names:
                    self.text(safe_line(str(name)))
            case Format.TABLE | Format.WIDE:
                return False
        return True

    def _cell(self, item: Object, column: Column) -> Text:
        said = safe_line(column.show(find(item, column.path), self._now))
        return Text(said, style=_STYLES.get(said, "") if column.path in _STATES else "")


def as_json(data: object) -> str:
    """Give JSON that is safe to show: what is no ASCII stays readable, control codes do not act."""
    return json.dumps(data, indent=2, ensure_ascii=False).translate(_HIDDEN)


def find(item: object, path: str | None) -> Any:
    """Give the value at a key, else at a dotted path; None where there is none."""
    if isinstance(item, Mapping) and path in item:
        return item[path]
    for key in (path or "").split("."):
        item = item.get(key) if isinstance(item, Mapping) else None
    return item


def plain(value: object) -> str:
    """Say a value in a few words."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(plain(item) for item in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
