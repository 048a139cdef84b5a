"""A store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.run_store import OpenedStore, opened_store


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedStore]:
    """An empty store, and the reads over it."""
    with opened_store(tmp_path) as store:
        yield store
