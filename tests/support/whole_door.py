"""The API at its door with the real operator behind it, over one dict; engines obey at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.api_door import Door, ended, open_door
from support.paper_operator import PaperOperator, paper_operator


@asynccontextmanager
async def open_whole_door(folder: Path) -> AsyncIterator[Door]:
    """Open the API for team-a, where the operator works."""
    async with open_door(folder) as door:
        door.operator.is_deaf = True
        async with paper_operator(door.cluster) as operator:
            working = asyncio.create_task(_work(operator))
            try:
                yield door
            finally:
                await ended(working)


async def _work(operator: PaperOperator) -> None:
    while True:
        await operator.heard()
        if operator.keys:
            await operator.work_once()
        else:
            await asyncio.sleep(0.002)
