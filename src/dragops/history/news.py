"""News of runs: who began, who ended, as one transaction of the store made it true.

The recorder tells the API, which tells whoever listens. On the wire an item of news is an array in
the order of its fields.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from dragops.errors import Unreachable
from dragops.history.ledger import Ledger, OpenRun
from dragops.model.run import RunStatus

_RUNNING = str(RunStatus.RUNNING)


class Item(NamedTuple):
    """A run that has begun, or has ended when ``ended_at`` is there."""

    run_id: str
    workspace: str
    deployment_uid: str
    deployment: str
    triggered_by: str
    status: str
    started_at: int | None
    ended_at: int | None
    error: str | None
    """JSON, as in the record of the run."""


class Change(NamedTuple):
    """What one transaction has done to runs: the ledger's rows, kept as they are."""

    accepted: Sequence[tuple[Any, ...]]
    started: Sequence[tuple[int, str]]
    ended: Sequence[tuple[Any, ...]]
    runs: Mapping[str, OpenRun]
    """All runs that it touched, as it left them."""

    @classmethod
    def of(cls, ledger: Ledger) -> "Change":
        """Take what is news out of a ledger."""
        return cls(ledger.runs, ledger.starts, ledger.ends, ledger.opened)

    @property
    def size(self) -> int:
        """Say about how many items it is worth; long errors count for several."""
        return len(self.runs) + sum(len(end[2]) // 1_000 for end in self.ended if end[2])

    def items(self) -> Iterator[Item]:
        """Give the news: beginnings first."""
        for row in self.accepted:
            if row[6] == _RUNNING:
                yield self._begun(row[0], row[9])
        for at, run_id in self.started:
            yield self._begun(run_id, at)
        for status, at, error, run_id in self.ended:
            yield self._item(run_id, status, self.runs[run_id].started_at, at, error)

    def _begun(self, run_id: str, at: int) -> Item:
        return self._item(run_id, _RUNNING, at, None, None)

    def _item(
        self, run_id: str, status: str, started: int | None, ended: int | None, error: str | None
    ) -> Item:
        run = self.runs[run_id]
        place = (run.workspace, run.deployment_uid, run.deployment, run.triggered_by)
        return Item(run_id, *place, status, started, ended, error)


class Position(NamedTuple):
    """A place in the news of one recorder process: the item that comes next there."""

    epoch: str
    transaction: int
    item: int

    @override
    def __str__(self) -> str:
        # as clients hold it
        return f"{self.epoch}-{self.transaction}.{self.item}"


def read_position(text: str) -> Position | None:
    """Read what a client holds; None for what is no position."""
    epoch, _, rest = text.partition("-")
    transaction, _, item = rest.partition(".")
    if not (epoch.isalnum() and _is_number(transaction) and _is_number(item)):
        return None
    return Position(epoch, int(transaction), int(item))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


class Page(NamedTuple):
    """News from a position on; ``is_whole`` is false where some of them have been forgotten."""

    items: Sequence[tuple[int, int, Item]]
    """Transaction, number in it, and what is new."""
    following: Position
    is_whole: bool


_ITEMS: TypeAdapter[list[tuple[int, int, Item]]] = TypeAdapter(list[tuple[int, int, Item]])


def encode_page(page: Page) -> bytes:
    """Give the answer of POST /v1/news."""
    items = [(transaction, number, tuple(item)) for transaction, number, item in page.items]
    following = tuple(page.following)
    return orjson.dumps({"items": items, "following": following, "isWhole": page.is_whole})


def page_of(told: Mapping[str, Any]) -> Page:
    """Read the recorder's answer."""
    try:
        items = _ITEMS.validate_python(told["items"])
        return Page(items, Position(*told["following"]), bool(told["isWhole"]))
    except (KeyError, TypeError, ValidationError) as exc:
        raise Unreachable("the recorder", f"it told no news: {exc}") from exc
