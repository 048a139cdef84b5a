"""The command beside an API that it can call."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from support.api_door import TOKEN
from support.command import Command
from support.served_api import ServedApi, served_api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ServedApi]:
    """An API on the loopback, over a dict, with an engine to order."""
    # the API's log would end up in what the command prints
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with served_api(tmp_path / "api") as served:
        yield served
    structlog.reset_defaults()


@pytest.fixture
def dragops(api: ServedApi, tmp_path: Path) -> Command:
    """The command, told by the environment where the API is and that Ada calls."""
    return Command(tmp_path, DRAGOPS_URL=api.url, DRAGOPS_TOKEN=TOKEN)


@pytest.fixture
def alone(tmp_path: Path) -> Command:
    """The command on a machine that has never heard of DragOps."""
    return Command(tmp_path)
