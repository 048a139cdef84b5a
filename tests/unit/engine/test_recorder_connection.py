"""The connection to the recorder: where each thing goes, and what each refusal means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dragops.engine.connection import Wires, recorder_connection
from dragops.errors import BadInput, DragopsError, Overloaded, Refused, Unreachable


@asynccontextmanager
async def _connected(folder: Path, status: int = 200) -> AsyncIterator[Wires]:
    """Open the way to a recorder that answers with what it was asked."""

    async def answer(request: web.Request) -> web.Response:
        said = f"{request.path} {request.headers['Authorization']} {await request.text()}"
        return web.Response(status=status, text=said)

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    token = folder / "token"
    token.write_text("of-a-pod\n")
    async with (
        TestServer(app, host="127.0.0.1") as server,
        recorder_connection(str(server.make_url("/base")), token) as wires,
    ):
        yield wires


async def test_each_kind_of_word_has_its_own_path(tmp_path: Path) -> None:
    """With the pod's token, on one connection that is kept."""
    async with _connected(tmp_path) as wires:
        told = [await wire(b"x") for wire in (wires.post, wires.ask, wires.claim)]

    assert told == [
        b"/base/v1/batch Bearer of-a-pod x",
        b"/base/v1/ticks Bearer of-a-pod x",
        b"/base/v1/claim Bearer of-a-pod x",
    ]


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, BadInput),
        (401, Refused),
        (403, Refused),
        (413, BadInput),
        (429, Overloaded),
        (500, Unreachable),
        (503, Unreachable),
        # an older recorder, which is about to be replaced
        (404, Unreachable),
    ],
)
async def test_a_refusal_says_whether_trying_again_can_help(
    tmp_path: Path, status: int, meaning: type[DragopsError]
) -> None:
    """A pod that gives up loses its tick, so it does not give up while an upgrade goes on."""
    async with _connected(tmp_path, status) as wires:
        with pytest.raises(meaning):
            await wires.ask(b"x")
