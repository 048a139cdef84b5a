"""The same loops in Node-RED, from the npm registry, as it runs by itself: in CPU time.

Node-RED has no loop: Split sends a message for each item, and Join waits for all of them.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.case import Options, Table, case
from bench.nodes import each_program, loop_program, run_cpu
from bench.usage import cpu_seconds
from dragops_localcluster.cache import cache_folder
from support.processes import free_port, wait_for_port

_VERSION = "4.1.15"
_ITEMS, _TURNS, _NODES = 100_000, 20_000, 10
_INCREMENT = "flow.set('n', (flow.get('n') || 0) + 1); return msg;"
_SET = "flow.set('n', 1); return msg;"
_SETTINGS = (
    'module.exports = {{uiHost: "127.0.0.1", uiPort: {port}, httpAdminRoot: false,'
    ' flowFile: "flows.json", logging: {{console: {{level: "warn"}}}}}}\n'
)


@case("node-red")
def node_red(options: Options) -> Table:
    """Measure a loop over 100,000 items, and what an impure node adds to a loop."""
    count = _TURNS * _NODES
    flows = [
        *_flow("each", _ITEMS, [_INCREMENT]),
        *_flow("bare", _TURNS, []),
        *_flow("sets", _TURNS, [_SET] * _NODES),
    ]
    with _node_red(flows) as (url, pid):
        each, bare, sets = (
            _theirs(f"{url}/{name}", pid, options.repeat) for name in ("each", "bare", "sets")
        )
    ours = run_cpu(each_program(_ITEMS), options.repeat)
    empty, setting = (run_cpu(loop_program((0, n)), options.repeat) for n in (0, 1))
    node, their_node = (setting - empty) / count * 1e6, (sets - bare) / count * 1e6
    return Table(
        f"Beside Node-RED {_VERSION}, CPU time",
        ("what", "DragOps", "Node-RED", "times"),
        [
            ["a loop over 100,000 items that counts them, ms", ours * 1e3, each * 1e3, each / ours],
            ["a node that sets a variable, us", node, their_node, their_node / node],
        ],
        [
            "A run of DragOps keeps its timeline and, in memory, its record; no HTTP starts it.",
            "Node-RED keeps nothing and is called over HTTP, which is in its loop's time.",
        ],
    )


def _flow(name: str, items: int, steps: list[str]) -> Iterator[dict[str, Any]]:
    """Give GET /name: a message for each item, through function nodes, and joined again."""
    parts: list[dict[str, Any]] = [
        {"type": "http in", "url": f"/{name}", "method": "get"},
        {"type": "function", "func": f"msg.payload = Array({items}).fill(0); return msg;"},
        {"type": "split", "splt": "\\n", "spltType": "str", "arraySplt": 1, "arraySpltType": "len"},
        *({"type": "function", "func": step} for step in steps),
        {"type": "join", "mode": "auto"},
        {"type": "function", "func": "msg.payload = 'done'; return msg;"},
        {"type": "http response"},
    ]
    yield {"id": name, "type": "tab", "label": name}
    for number, part in enumerate(parts):
        wires = [[f"{name}-{number + 1}"]] if number + 1 < len(parts) else []
        outputs = {"outputs": 1} if part["type"] == "function" else {}
        yield {"id": f"{name}-{number}", "z": name, "wires": wires, **outputs, **part}


@contextmanager
def _node_red(flows: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Run Node-RED with these flows; give its address and its process id."""
    place, port = cache_folder() / f"node-red-{_VERSION}", free_port()
    program = place / "node_modules/node-red/red.js"
    if shutil.which("npm") is None:
        sys.exit("node-red: there is no npm on this machine: apt-get install npm")
    if not program.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(place)]
        subprocess.run([*install, f"node-red@{_VERSION}"], check=True)  # noqa: S603 our own words
    with TemporaryDirectory() as folder:
        Path(folder, "flows.json").write_text(json.dumps(flows), encoding="utf-8")
        Path(folder, "settings.js").write_text(_SETTINGS.format(port=port), encoding="utf-8")
        command = ["node", str(program), "--userDir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 our own words
            try:
                wait_for_port(port)
                yield f"http://127.0.0.1:{port}", process.pid
            finally:
                process.terminate()


def _theirs(url: str, pid: int, repeat: int) -> float:
    """Give the CPU seconds that a call of a flow takes."""

    def once() -> float:
        began = cpu_seconds(pid)
        assert httpx.get(url, timeout=120).text == "done"  # noqa: S101  # a bench of what works
        time.sleep(0.1)  # what it does after its answer counts, too
        return cpu_seconds(pid) - began

    once()  # compiled while it runs
    return median(once() for _ in range(max(repeat, 3)))
