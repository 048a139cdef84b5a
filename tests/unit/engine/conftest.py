"""What an engine and a schedule's pod have: a folder with signed bundles, and a recorder."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from support.engine_in_process import Serve, serving
from support.folder import SignedFolder
from support.ticks import StoreAtTheWire, store_at_the_wire


@pytest.fixture
def folder(tmp_path: Path) -> SignedFolder:
    return SignedFolder(tmp_path / "bundles")


@pytest.fixture
def serve(tmp_path: Path, folder: SignedFolder) -> Serve:
    """Serves an engine over the folder; what it is called with are its settings."""
    return partial(serving, tmp_path, folder)


@pytest_asyncio.fixture
async def store(tmp_path: Path, folder: SignedFolder) -> AsyncIterator[StoreAtTheWire]:
    with store_at_the_wire(tmp_path, folder.namespace) as opened:
        yield opened
