"""Opens the run store: SQLite with WAL, each commit fsynced; migrations before the first write."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from dragops.errors import Unreachable

_MIGRATIONS = "dragops.history:migrations"
_CHECKPOINT_PAGES = 8_000
"""32 MB of log: each checkpoint rewrites counter pages once, however often they changed."""


@contextmanager
def writing(path: Path) -> Iterator[Engine]:
    """Open the store for its one writer, migrated; a second writer is refused.

    The lock guards the migrations too: it is held before they begin.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise Unreachable("the run store", f"{path} has a writer already") from exc
        engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare_writer)
        event.listen(engine, "begin", _begin)
        try:
            migrate(engine)
            yield engine
        except DBAPIError as exc:
            raise Unreachable("the run store", str(exc.orig)) from exc
        finally:
            engine.dispose()


def reading(path: Path) -> Engine:
    """Open the store for reads only; safe for threads, and opened when first asked."""
    engine = create_engine(
        f"sqlite:///file:{path}?mode=ro&uri=true", connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_reader)
    return engine


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """Open a connection for questions; what goes wrong means that the store is away."""
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as exc:
        raise Unreachable("the run store", str(exc.orig)) from exc


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Bring the schema to the newest revision, or to an older one that is not reached yet."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["engine"] = engine
    command.upgrade(config, to)


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    # the driver must not open transactions by itself: _begin does
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "busy_timeout = 5000",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        "journal_size_limit = 67108864",
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA busy_timeout = 2000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
