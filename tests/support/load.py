"""A sender that never gives up, and the way to a container's processes that it outlives."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import aiohttp

from support.product import signed


def post_with_ids(
    url: str, secret: str, *, posts: int, kill: Callable[[], None], kill_after: int
) -> dict[int, str]:
    """Post ids 1..posts until each is accepted once; give ``{id: run id}`` of every 202.

    ``kill`` is called once, when ``kill_after`` posts have been accepted. A post that fails is
    sent again, as a real sender would.
    """
    return asyncio.run(_send_all(url, secret, posts, kill, kill_after))


async def _send_all(
    url: str, secret: str, posts: int, kill: Callable[[], None], kill_after: int
) -> dict[int, str]:
    accepted: dict[int, str] = {}
    waiting = list(range(posts, 0, -1))
    killed = False

    async def sender(http: aiohttp.ClientSession) -> None:
        nonlocal killed
        while waiting:
            number = waiting.pop()
            run_id = await _post(http, url, secret, number)
            if run_id is None:
                waiting.append(number)
                await asyncio.sleep(0.2)
                continue
            accepted[number] = run_id
            if len(accepted) >= kill_after and not killed:
                killed = True
                await asyncio.to_thread(kill)

    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.timeout(150):
        await asyncio.gather(*(sender(http) for _ in range(16)))
    return accepted


async def _post(http: aiohttp.ClientSession, url: str, secret: str, number: int) -> str | None:
    body = json.dumps({"id": number, "pusher": {"name": f"sender {number}"}}).encode()
    headers = {"X-Webhook-Signature": signed(secret, body), "Content-Type": "application/json"}
    try:
        async with http.post(url, data=body, headers=headers) as answer:
            return (await answer.json())["runId"] if answer.status == 202 else None
    except (aiohttp.ClientError, TimeoutError):
        return None


def processes_of(container_id: str) -> list[int]:
    """Give the host's pids of one container of the local node, by its id in their cgroup."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if container_id in status.read_text():
                found.append(int(status.parent.name))
        except OSError:  # the process ended while we looked
            continue
    assert found, f"no process of container {container_id}"
    return found
