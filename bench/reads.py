"""Reads of the API: one process over a real control plane, many deployments, a full run store.

wrk calls with a ServiceAccount's token; each call has its TokenReview and SubjectAccessReview from
the caches that every caller has. Half of the runs belong to one deployment.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.case import CELL, Options, Table, case, medians
from bench.fill import fill_runs, make_deployments
from bench.usage import resident_mib
from bench.wrk import bearer_script, wrk
from dragops.cluster.client import Cluster
from dragops.history.database import writing
from dragops_localcluster.control_plane import control_plane
from support.installed import HERE, install, kubeconfig_of, token_of
from support.processes import Process, free_port

DEPLOYMENTS, RUNS = 1_000, 1_000_000
MANY = 10_000
_STORE = "runs.sqlite"
_HEAD = ("read", "connections", "answers/s", "p50 ms", "p99 ms", "failures")


class _Api(NamedTuple):
    """A running API, and who asks it."""

    process: Process
    url: str
    script: Path
    deployments: list[str]


@case("reads")
def reads(options: Options) -> Table:
    """Measure lists, single reads and runs at rest and under load."""
    with _running(DEPLOYMENTS, RUNS) as api:
        rows = list(_measured(api, options))
    size = f"{DEPLOYMENTS:,} deployments, {RUNS:,} runs, one API process"
    note = f"{size}; median of {options.repeat} rounds of {options.seconds} s."
    return Table("Reads of the API", _HEAD, rows, (note,))


@case("api-memory")
def api_memory(_: Options) -> Table:
    """Read what the API holds in memory beside many deployments and as many patterns."""
    with _running(MANY, 0) as api:
        time.sleep(5)  # what the first lists left behind is given back
        row: list[CELL] = [MANY, resident_mib(api.process.pid)]
    return Table("Memory of the API", ("deployments and patterns", "RSS MiB"), [row])


def _measured(api: _Api, options: Options) -> Iterable[list[CELL]]:
    first = api.deployments[0].replace("-", "_", 1)
    for name, path in (
        ("GET /api/deployments?limit=20", "/api/deployments?limit=20"),
        ("GET /api/deployments?limit=100&page=5", "/api/deployments?limit=100&page=5"),
        ("GET /api/deployments/{id}", f"/api/deployments/{first}"),
        ("GET /api/deployments/{id}/runs", f"/api/deployments/{first}/runs?limit=20"),
    ):
        for connections in (1, 16):
            rounds = []
            for _ in range(options.repeat):
                asked, seconds = api.url + path, options.seconds
                load = wrk(asked, api.script, connections=connections, seconds=seconds)
                rounds.append([load.per_second, load.p50, load.p99, load.failures])
            yield [name, connections, *medians(rounds)]


@contextmanager
def _running(deployments: int, runs: int) -> Iterator[_Api]:
    # the working disk, not a tmpfs: the store is read from it
    with tempfile.TemporaryDirectory(dir=".") as name, control_plane() as cluster:
        place = Path(name).resolve()
        counts = {"deployments": deployments, "runs": runs}
        names, own, token = asyncio.run(_prepared(place, str(cluster.kubeconfig), **counts))
        process, url = _process(own, place / _STORE)
        with process:
            yield _Api(process, url, bearer_script(place / "read.lua", token), names)


def _process(kubeconfig: str, store: Path) -> tuple[Process, str]:
    port = free_port()
    env: dict[str, Any] = {
        "KUBECONFIG": kubeconfig,
        "DRAGOPS_WORKSPACES": HERE,
        "DRAGOPS_DEFAULT_WORKSPACE": HERE,
        "DRAGOPS_STORE": str(store),
        "DRAGOPS_ENGINES": f"{HERE}=http://127.0.0.1:9|http://127.0.0.1:9",
        "DRAGOPS_PORT": str(port),
        "DRAGOPS_METRICS_PORT": str(free_port()),
    }
    url = f"http://127.0.0.1:{port}"
    return Process("dragops_api", env, ready_url=f"{url}/readyz"), url


async def _prepared(
    place: Path, kubeconfig: str, *, deployments: int, runs: int
) -> tuple[list[str], str, str]:
    async with await Cluster.connect(kubeconfig) as admin:
        await install(admin)
        uids = await make_deployments(admin, HERE, deployments)
        token = await token_of(admin, HERE, "editor", "dragops-api")
        own = kubeconfig_of(kubeconfig, await token_of(admin, "dragops", "dragops-api", ""), place)
    with writing(place / _STORE) as engine:
        fill_runs(engine, HERE, uids, runs)
    return list(uids), own, token
