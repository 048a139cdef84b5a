"""A run store in a folder: what is written, and what is read of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from dragops.history.batch import Batch
from dragops.history.database import reading, writing
from dragops.history.queries import RunFilter, RunQueries
from dragops.history.store import RunStore


@dataclass
class OpenedStore:
    """A store, its engine, and the reads over the same file."""

    engine: Engine
    store: RunStore
    queries: RunQueries

    def write(self, batch: Batch, workspace: str = "team-a") -> Any:
        return self.store.write([(workspace, batch)])[0]

    def total(self, **wanted: Any) -> int:
        return self.queries.list_runs("uid-a", RunFilter(**wanted))[1].runs

    def ids(self, **wanted: Any) -> list[str]:
        return [run.id for run in self.queries.list_runs("uid-a", RunFilter(**wanted))[0]]


@contextmanager
def opened_store(folder: Path) -> Iterator[OpenedStore]:
    """Open ``runs.db`` in this folder, migrated."""
    path = folder / "runs.db"
    with writing(path) as engine:
        reader = reading(path)
        yield OpenedStore(engine, RunStore(engine), RunQueries(reader))
        reader.dispose()
