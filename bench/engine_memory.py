"""What an engine holds in memory: a process over a folder of many programs, no two the same."""

import tempfile
import time
from pathlib import Path

import httpx

from bench.case import Options, Table, case
from bench.compile import mixed
from bench.usage import resident_mib
from dragops.compiler.compile import compile_pattern
from support.folder import SignedFolder
from support.processes import Rig, running_rig

_PROGRAMS, _NODES = 1_000, 20
_WAIT_SECONDS = 120


@case("engine-memory")
def engine_memory(_: Options) -> Table:
    """Read an engine's memory without a program, and with 1,000 of 20 nodes."""
    rows = [[count, _measured(count), bar] for count, bar in ((0, ""), (_PROGRAMS, "< 300"))]
    head = (f"programs of {_NODES} nodes", "RSS MiB", "bar")
    return Table("Memory of an engine", head, rows)


def _measured(count: int) -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = SignedFolder(Path(place) / "live")
        folder.root.mkdir()
        spec = mixed(_NODES)
        for number in range(count):
            own = spec.model_copy(update={"title": f"Pattern {number}"})
            name = f"dep-{number}"
            folder.deploy_program(compile_pattern(own, name=f"pat-{number}"), name)
        with running_rig(Path(place), folder) as rig:
            _wait_for(rig, count)
            return resident_mib(rig.engine.pid)


def _wait_for(rig: Rig, count: int) -> None:
    headers = {"Authorization": f"Bearer {rig.caller_token()}"}
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        told = httpx.get(f"{rig.internal_url}/internal/serials", headers=headers).json()
        if len(told["serials"]) == count:
            return
        time.sleep(0.5)
    raise SystemExit(f"bench: the engine has not loaded {count} programs in {_WAIT_SECONDS} s")
