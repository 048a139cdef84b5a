"""The API's door for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from support.api_door import Door, open_door


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """An API over a dict; its engines and its recorder are away."""
    async with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _plain_log() -> None:
    """Structlog's default draws every frame's variables: seconds for each trace."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
