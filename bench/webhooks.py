"""Signed webhooks: On Webhook -> Format -> Log, each run recorded with fsync before its 202.

Engine and recorder are processes of their own over a folder source; the load generator shares the
cores with them. Beside it, in the same round, runs a bare ASGI app with the same HMAC.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.case import CELL, Options, Table, case, medians
from bench.usage import cpu_seconds
from bench.wrk import signed_script, wrk
from dragops.history.database import reading
from dragops.history.queries import RunFilter, RunQueries
from support.folder import SECRET, SignedFolder, webhook_id
from support.processes import Rig, free_port, running_rig, wait_for_port

BODY_SIZES = (1_000, 3_000)
CONNECTIONS = (1, 16, 64)
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
_HEAD = ("body", "connections", "bare/s", "runs/s", "p50 ms", "p99 ms")
_MORE = ("engine us/run", "recorder us/run", "lost")


@case("webhooks")
def webhooks(options: Options) -> Table:
    """Measure each body size with each number of connections."""
    rows: list[list[CELL]] = []
    # the working disk, not a tmpfs: fsync is part of what is measured
    with tempfile.TemporaryDirectory(dir="build" if Path("build").is_dir() else ".") as place:
        folder = SignedFolder(Path(place) / "live")
        folder.deploy(PATTERN)
        with running_rig(Path(place).resolve(), folder) as rig, _bare() as bare_url:
            for size in BODY_SIZES:
                script = signed_script(Path(place) / "post.lua", body_of(size), SECRET)
                rows += [_measured(rig, bare_url, script, size, c, options) for c in CONNECTIONS]
    notes = (f"Median of {options.repeat} rounds of {options.seconds} s; {_machine()}.",)
    return Table("Signed webhooks", (*_HEAD, *_MORE), rows, notes)


def body_of(size: int) -> bytes:
    """Give a JSON body of about this size that looks like a push."""
    one = {"id": "0123456789abcdef" * 2, "message": "Say it shorter", "added": ["a.py", "b.py"]}
    count = (size - 60) // len(json.dumps(one))
    push = {"pusher": {"name": "Ada"}, "ref": "refs/heads/main", "commits": [one] * count}
    return json.dumps(push).encode()


def _measured(
    rig: Rig, bare_url: str, script: Path, size: int, connections: int, options: Options
) -> list[CELL]:
    url = f"{rig.public_url}/webhooks/{webhook_id('dep-a', 'hook')}"
    rounds, lost = [], 0
    for _ in range(options.repeat):
        bare = wrk(bare_url, script, connections=connections, seconds=options.seconds)
        before, finished = _cpu(rig), _completed(rig)
        load = wrk(url, script, connections=connections, seconds=options.seconds)
        lost += _missing(rig, finished + load.answers - load.failures)
        spent = [(now - then) / load.answers for then, now in zip(before, _cpu(rig), strict=True)]
        rounds.append([bare.per_second, load.per_second, load.p50, load.p99, *spent])
    return [f"{size // 1000} KB", connections, *medians(rounds), lost]


def _missing(rig: Rig, wanted: int) -> int:
    """Count what was answered 202 and is not completed; ends may ride a moment later."""
    until = time.monotonic() + 10
    while (found := _completed(rig)) < wanted and time.monotonic() < until:
        time.sleep(0.1)
    return max(0, wanted - found)


def _completed(rig: Rig) -> int:
    completed = RunFilter(status="completed")
    return RunQueries(reading(rig.store)).list_runs("uid-dep-a", completed, limit=1)[1].runs


def _cpu(rig: Rig) -> tuple[float, float]:
    """Give the microseconds of processor time that engine and recorder have used so far."""
    return cpu_seconds(rig.engine.pid) * 1e6, cpu_seconds(rig.recorder.pid) * 1e6


@contextmanager
def _bare() -> Iterator[str]:
    port = free_port()
    child = subprocess.Popen(  # noqa: S603 our own module
        [sys.executable, "-m", "bench.bare", str(port), SECRET]
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        child.terminate()
        child.wait()


def _machine() -> str:
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end"
