"""What the run store knows about whether things go well: from counters and indexes only.

The calls block: the API makes them in a thread.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine, Select, String, column, func, select, values

from dragops.history.database import asking
from dragops.history.tables import COUNTS, KEYS, NOT_COMPLETED, RUNS
from dragops.model.ids import RunId
from dragops.model.run import UNFINISHED, RunStatus

_AT_ONCE = 300
_BUSY = (
    select(COUNTS.c.deployment_uid)
    .where(COUNTS.c.status.in_(UNFINISHED))
    .group_by(COUNTS.c.deployment_uid)
    .having(func.sum(COUNTS.c.runs) > 0)
)

T = TypeVar("T")


class Tick(NamedTuple):
    """A time at which a schedule fell due; ``key`` is what its run is stored under."""

    deployment_uid: str
    node_id: str
    key: str


class Soundness:
    """Questions about many deployments at once, over a read-only engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def dead_letters(self) -> dict[str, int]:
        """Give of each deployment that has dead letters how many they are."""
        total = func.sum(COUNTS.c.runs)
        question = (
            select(COUNTS.c.deployment_uid, total)
            .where(COUNTS.c.status == RunStatus.DEAD_LETTER.value)
            .group_by(COUNTS.c.deployment_uid)
            .having(total > 0)
        )
        with asking(self._engine) as connection:
            return {uid: int(count) for uid, count in connection.execute(question)}

    def busy(self) -> set[str]:
        """Give the deployments that have unfinished runs."""
        with asking(self._engine) as connection:
            return set(connection.scalars(_BUSY))

    def oldest_unfinished(self, deployment_uids: Collection[str]) -> RunId | None:
        """Give the oldest run of these deployments that has not ended; ids sort by time."""
        with asking(self._engine) as connection:
            busy = set(connection.scalars(_BUSY)) & set(deployment_uids)
            oldest = [connection.scalar(_oldest(part)) for part in _parts(sorted(busy))]
        return RunId(min(found)) if (found := [id_ for id_ in oldest if id_]) else None

    def recorded(self, ticks: Sequence[Tick]) -> set[Tick]:
        """Give those of the ticks that have left a run."""
        found: set[Tick] = set()
        with asking(self._engine) as connection:
            for part in _parts(ticks):
                found |= set(map(Tick._make, connection.execute(_with_keys(part))))
        return found


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[first : first + _AT_ONCE] for first in range(0, len(rows), _AT_ONCE))


def _oldest(uids: Sequence[str]) -> Select[Any]:
    is_open = RUNS.c.status.in_(UNFINISHED) & NOT_COMPLETED
    return select(func.min(RUNS.c.id)).where(is_open, RUNS.c.deployment_uid.in_(uids))


def _with_keys(ticks: Sequence[Tick]) -> Select[tuple[str, str, str]]:
    names = (column("uid", String), column("node", String), column("name", String))
    # joined, as SQLite would scan the table for a list of triples
    wanted = values(*names, name="wanted").data(list(ticks)).cte()
    is_held = (
        (KEYS.c.deployment_uid == wanted.c.uid)
        & (KEYS.c.node_id == wanted.c.node)
        & (KEYS.c.key == wanted.c.name)
    )
    return select(wanted.c.uid, wanted.c.node, wanted.c.name).join(KEYS, is_held)
