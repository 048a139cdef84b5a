"""Engine and recorder as processes over a folder source: what they promise through their ports."""

import asyncio
import hmac
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from dragops.history.database import reading
from dragops.history.queries import RunFilter, RunQueries
from dragops.history.records import RunRecord
from support.folder import SECRET, SignedFolder, webhook_id
from support.processes import Rig, make_rig, running_rig
from support.programs import program

PATTERN = {
    "nodes": [
        {"id": "hook", "type": "OnWebhook"},
        {"id": "who", "type": "GetProperty", "values": {"key": "pusher.name"}},
        {"id": "text", "type": "Format", "values": {"template": "{who} pushed"}},
        {"id": "log", "type": "Log"},
    ],
    "wires": [
        {"from": "hook.exec", "to": "log.exec"},
        {"from": "hook.body", "to": "who.object"},
        {"from": "who.value", "to": "text.who"},
        {"from": "text.result", "to": "log.message"},
    ],
}
POSTS, SENDERS = 2_000, 32

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    folder = SignedFolder(tmp_path / "live")
    folder.deploy(PATTERN)
    with running_rig(tmp_path, folder) as running:
        yield running


class Sender:
    """Posts signed webhooks and remembers which were answered 202."""

    def __init__(self, rig: Rig) -> None:
        self._url = f"{rig.public_url}/webhooks/{webhook_id('dep-a', 'hook')}"
        self.accepted: dict[int, str] = {}

    async def post(self, http: aiohttp.ClientSession, number: int) -> int:
        body = json.dumps({"number": number, "pusher": {"name": "Ada"}}).encode()
        signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        headers = {"Content-Type": "application/json", "X-Webhook-Signature": signature}
        async with http.post(self._url, data=body, headers=headers) as answer:
            if answer.status == 202:
                self.accepted[number] = (await answer.json())["runId"]
            return answer.status

    async def storm(self, halfway: Callable[[], None]) -> None:
        """Post every number, each until it is accepted; call ``halfway`` in the middle."""
        waiting, begun = list(range(POSTS)), 0

        async def work(http: aiohttp.ClientSession) -> None:
            nonlocal begun
            while waiting:
                number, begun = waiting.pop(), begun + 1
                if begun == POSTS // 2:
                    halfway()
                try:
                    status = await self.post(http, number)
                except (aiohttp.ClientError, OSError):
                    status = 0
                if status != 202:
                    waiting.append(number)
                    await asyncio.sleep(0.1)

        async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as senders:
            for _ in range(SENDERS):
                senders.create_task(work(http))


def run_queries(rig: Rig) -> RunQueries:
    return RunQueries(reading(rig.store))


def total_of(queries: RunQueries, status: str) -> int:
    return queries.list_runs("uid-dep-a", RunFilter(status=status))[1].runs


def stored_runs(queries: RunQueries) -> dict[str, RunRecord]:
    """Read every run, page by page, as the API does."""
    found: dict[str, RunRecord] = {}
    for offset in range(0, 100_000, 100):
        rows, _ = queries.list_runs("uid-dep-a", limit=100, offset=offset)
        if not rows:
            return found
        found |= {row.id: row for row in rows}
    raise AssertionError("pages without end")


def wait_until(claim: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.05)


async def test_a_compiled_pattern_runs_and_its_run_can_be_read(rig: Rig) -> None:
    """Webhook in, run out, log and all."""
    sender, queries = Sender(rig), run_queries(rig)
    async with aiohttp.ClientSession() as http:
        await sender.post(http, 7)

    wait_until(lambda: total_of(queries, "completed") == 1)

    run = queries.get_run("team-a", sender.accepted[7])
    assert run.event_data["body"]["number"] == 7
    assert [(entry["nodeId"], entry["message"]) for entry in run.log_output] == [
        ("log", "Ada pushed")
    ]


async def test_no_accepted_run_is_lost_when_the_engine_is_killed(rig: Rig) -> None:
    """SIGKILL in the middle of 2,000 posts: every id that got its 202 is in the store."""
    sender, queries = Sender(rig), run_queries(rig)

    def kill_and_start_again() -> None:
        rig.engine.kill()
        asyncio.get_running_loop().run_in_executor(None, rig.engine.start)

    await sender.storm(kill_and_start_again)

    found = stored_runs(queries)
    assert len(sender.accepted) == POSTS
    lost = {number for number, run in sender.accepted.items() if run not in found}
    assert lost == set()
    numbers = {run: found[run].event_data["body"]["number"] for run in sender.accepted.values()}
    assert numbers == {run: number for number, run in sender.accepted.items()}


async def test_no_accepted_run_is_lost_when_the_recorder_is_killed(rig: Rig) -> None:
    """Senders see 503 for a moment; all that got their 202 are stored, and all of them end."""
    sender, queries = Sender(rig), run_queries(rig)

    def kill_and_start_again() -> None:
        rig.recorder.kill()
        asyncio.get_running_loop().run_in_executor(None, rig.recorder.start)

    await sender.storm(kill_and_start_again)

    wait_until(lambda: total_of(queries, "running") == 0, seconds=20)
    found = stored_runs(queries)
    ended = {found[run].status for run in sender.accepted.values() if run in found}
    assert [run for run in sender.accepted.values() if run not in found] == []
    assert ended == {"completed"}


async def test_an_engine_that_is_asked_to_stop_finishes_its_runs(tmp_path: Path) -> None:
    """SIGTERM: the run ends, its end is stored, and the process leaves with 0."""
    folder = SignedFolder(tmp_path / "live")
    folder.deploy_program(program("await asyncio.sleep(1)"))
    with running_rig(tmp_path, folder) as rig:
        sender = Sender(rig)
        async with aiohttp.ClientSession() as http:
            await sender.post(http, 1)
            rig.engine.send(signal.SIGTERM)
            code = await asyncio.to_thread(rig.engine.wait)

        assert code == 0
        run = run_queries(rig).get_run("team-a", sender.accepted[1])
        assert run.status == "completed"


async def test_an_engine_starts_and_says_503_without_a_recorder(tmp_path: Path) -> None:
    """It is ready for senders who try again; nothing is acknowledged."""
    folder = SignedFolder(tmp_path / "live")
    folder.deploy(PATTERN)
    rig = make_rig(tmp_path, folder)
    with rig.engine:
        sender = Sender(rig)
        async with aiohttp.ClientSession() as http:
            without = await sender.post(http, 1)
            with rig.recorder:
                again = await sender.post(http, 1)

    assert (without, again) == (503, 202)


@pytest.mark.parametrize("module", ["dragops.engine", "dragops_api.recorder"])
async def test_wrong_settings_end_with_one_sentence_and_2(module: str) -> None:
    """It names what is missing."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env={}, stderr=asyncio.subprocess.PIPE
    )

    _, said = await child.communicate()

    assert child.returncode == 2
    assert b"DRAGOPS_JWKS" in said
    assert len(said.splitlines()) == 1
