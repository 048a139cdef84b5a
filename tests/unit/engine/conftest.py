"""What a schedule's pod has: a folder with signed bundles, and a recorder with a store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.folder import SignedFolder
from support.ticks import StoreAtTheWire, store_at_the_wire


@pytest.fixture
def folder(tmp_path: Path) -> SignedFolder:
    return SignedFolder(tmp_path / "bundles")


@pytest_asyncio.fixture
async def store(tmp_path: Path, folder: SignedFolder) -> AsyncIterator[StoreAtTheWire]:
    with store_at_the_wire(tmp_path, folder.namespace) as opened:
        yield opened
