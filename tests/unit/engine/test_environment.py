"""What a run reads of its deployment's Environment, and what of it can be seen outside."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from dragops.cluster.kinds import SECRETS
from dragops.engine.deployed import Registry
from dragops.engine.environment import environment
from dragops.engine.loader import LiveFiles, Loader
from dragops.engine.program import ProgramFiles
from dragops.engine.refresh import Refresher
from dragops.engine.sources.cluster import ClusterSource
from dragops.errors import Refused, Unreachable
from dragops.model.bundle import ENVIRONMENT_LABEL, Live, LiveEnvironment, sign
from support.engine_in_process import Served, serving
from support.folder import SignedFolder
from support.memory_cluster import MemoryCluster
from support.programs import program

TOKEN = "t0ken-of-production"
READS = program(
    "ctx.log('info', ctx.environment.get('REGION', '-'))\n"
    "ctx.log('info', 'yes' if ctx.secrets.get('API_TOKEN') == event['body'] else 'no')"
)


def named(**changes: Any) -> LiveEnvironment:
    fields: dict[str, Any] = {
        "name": "production",
        "variables": {"REGION": "eu"},
        "secret_name": "production-keys",
        "rotation": "1",
    }
    return LiveEnvironment(**(fields | changes))


@pytest.fixture
def folder(tmp_path: Path) -> SignedFolder:
    made = SignedFolder(tmp_path / "live")
    made.keep_secrets("production-keys", {"API_TOKEN": TOKEN})
    return made


@pytest.fixture
async def served(tmp_path: Path, folder: SignedFolder) -> AsyncIterator[Served]:
    folder.deploy_program(READS, environment=named())
    async with serving(tmp_path, folder, secret_seconds=0.05) as running:
        yield running


async def log_of(served: Served, body: bytes) -> list[str]:
    run_id = (await served.post(body)).json()["runId"]
    end = await served.recorder.ended(run_id)
    return [entry[3] for entry in orjson.loads(end.log or "[]")]


async def reads(served: Served, token: str) -> list[str]:
    """Tell what a run reads: the region, and whether the token is this one."""
    return await log_of(served, orjson.dumps(token))


async def until_reads(served: Served, token: str) -> None:
    while (await reads(served, token))[1] != "yes":  # noqa: ASYNC110 through the front door
        await asyncio.sleep(0.02)


async def test_a_run_reads_variables_and_secrets(served: Served) -> None:
    assert await reads(served, TOKEN) == ["eu", "yes"]


async def test_a_run_without_an_environment_finds_nothing(
    served: Served, folder: SignedFolder
) -> None:
    """Also where the deployment had one before."""
    folder.deploy_program(READS, serial=2)
    await served.obeys("dep-a", 2)

    assert await reads(served, TOKEN) == ["-", "no"]


async def test_a_changed_secret_is_in_force_without_a_new_bundle(
    served: Served, folder: SignedFolder
) -> None:
    """The Secret is read again and again."""
    folder.keep_secrets("production-keys", {"API_TOKEN": "another-token"})

    await until_reads(served, "another-token")


async def test_a_secret_that_is_gone_is_no_secret_any_more(
    served: Served, folder: SignedFolder
) -> None:
    """Who takes it away means it; the deployment itself goes on."""
    (folder.root / folder.namespace / "production-keys.secrets.json").unlink()

    while (await reads(served, TOKEN))[1] == "yes":  # noqa: ASYNC110 the same
        await asyncio.sleep(0.02)

    assert (await reads(served, TOKEN))[0] == "eu"


async def test_a_secret_that_cannot_be_read_now_stays_as_it_is_known(
    served: Served, folder: SignedFolder
) -> None:
    """And a new bundle that needs to read it is not obeyed before it can."""
    (folder.root / folder.namespace / "production-keys.secrets.json").write_text("no JSON")
    await asyncio.sleep(0.15)

    assert await reads(served, TOKEN) == ["eu", "yes"]
    folder.deploy_program(READS, serial=2, environment=named(rotation="2"))
    await served.refuses("dep-a", "production-keys.secrets.json is not JSON")
    folder.keep_secrets("production-keys", {"API_TOKEN": "another-token"})
    await served.obeys("dep-a", 2)
    assert await reads(served, "another-token") == ["eu", "yes"]


async def test_a_run_keeps_the_secrets_with_which_it_began(
    served: Served, folder: SignedFolder
) -> None:
    """Like its program: all of it sees one state."""
    waits = program("await asyncio.sleep(0.4)\nctx.log('info', str(len(ctx.secrets['API_TOKEN'])))")
    folder.deploy_program(waits, version=2, serial=2, environment=named())
    await served.obeys("dep-a", 2)
    run_id = (await served.post()).json()["runId"]

    folder.keep_secrets("production-keys", {"API_TOKEN": "short"})

    end = await served.recorder.ended(run_id)
    assert orjson.loads(end.log or "")[0][3] == str(len(TOKEN))


_CAUGHT = """try:
    raise RunFailure('ThrownError', ctx.secrets['API_TOKEN'])
except RunFailure as exc:
    ctx.respond(200, {}, ctx.failure(exc)['message'])
"""
SHOWS: list[tuple[str, dict[str, Any]]] = [
    ("ctx.log('info', 'Bearer ' + ctx.secrets['API_TOKEN'])", {}),
    ("raise RunFailure('HttpError', 'no ' + ctx.secrets['API_TOKEN'], dict(ctx.secrets))", {}),
    ("raise RunStopped('failed', 'Stopped', ctx.secrets['API_TOKEN'])", {}),
    ("ctx.outputs('n', {'value': [dict(ctx.secrets)]})", {"responseMode": "LastNode"}),
    (
        "ctx.respond(200, {'x-token': ctx.secrets['API_TOKEN']}, dict(ctx.secrets))",
        {"responseMode": "ResponseNode"},
    ),
    ("raise ValueError(ctx.secrets['API_TOKEN'])", {}),
    (_CAUGHT, {"responseMode": "ResponseNode"}),
]


@pytest.mark.parametrize(("body", "settings"), SHOWS)
async def test_nothing_that_leaves_a_run_shows_a_secret(
    served: Served, folder: SignedFolder, body: str, settings: dict[str, Any]
) -> None:
    """Log, error, answer and the engine's own log hold asterisks in its place."""
    head = "from dragops.errors import RunFailure, RunStopped"
    shows = program(body, head=head, **settings)
    folder.deploy_program(shows, version=2, serial=2, environment=named())
    await served.obeys("dep-a", 2)

    with capture_logs() as logs:
        answer = await served.post()
        [run_id] = served.recorder.accepts
        end = await served.recorder.ended(run_id)

    seen = [*end, answer.text, dict(answer.headers), logs]
    assert TOKEN not in repr(seen)
    assert "***" in repr(seen)


async def test_the_caller_of_an_execution_sees_no_secret(
    served: Served, folder: SignedFolder
) -> None:
    """Nor does the API, which passes the error on."""
    fails = program(
        "raise RunFailure('HttpError', ctx.secrets['API_TOKEN'])",
        head="from dragops.errors import RunFailure",
    )
    folder.deploy_program(fails, version=2, serial=2, environment=named())
    await served.obeys("dep-a", 2)

    answer = await served.ask("POST", "/internal/execute", json={"deployment": "dep-a"})

    assert answer.json()["error"]["message"] == "***"


def test_an_environment_does_not_print_its_secrets() -> None:
    """A log line or a traceback may show it."""
    assert TOKEN not in repr(environment({"REGION": "eu"}, {"API_TOKEN": TOKEN}))


def kept(label: str | None, value: str = TOKEN) -> dict[str, Any]:
    labels = {} if label is None else {ENVIRONMENT_LABEL: label}
    metadata = {"name": "production-keys", "namespace": "team-a", "labels": labels}
    return {
        "metadata": metadata,
        "data": {"API_TOKEN": base64.b64encode(value.encode()).decode()},
    }


@pytest.mark.parametrize(
    ("label", "found"), [("true", {"API_TOKEN": TOKEN}), ("false", None), ("", None), (None, None)]
)
async def test_only_a_secret_with_the_label_is_honoured(
    label: str | None, found: dict[str, str] | None
) -> None:
    """Or who may write an Environment could read any Secret of the namespace."""
    cluster = MemoryCluster()
    await cluster.create(SECRETS, "team-a", kept(label))
    source = ClusterSource(cluster, "team-a")  # type: ignore[arg-type]  # at its interface

    assert await source.environment_secrets("production-keys") == found


class HandedOver(ClusterSource):
    """A cluster whose live bundles are handed over by the test; Secrets are the cluster's."""

    files: LiveFiles | None = None

    def live(self, deployment: str) -> LiveFiles | None:  # as every source has it
        return self.files

    async def program(self, live: Live, config_map: str) -> ProgramFiles:
        return ProgramFiles(READS.text.encode(), READS.manifest.packed())


class Watched:
    """A loader and a refresher over one registry and one cluster in a dict."""

    def __init__(self, folder: SignedFolder) -> None:
        self.cluster, self.registry, self.folder = MemoryCluster(), Registry(), folder
        self.source = HandedOver(self.cluster, "team-a")  # type: ignore[arg-type]  # as above
        self.loader = Loader(
            self.source, self.registry, key=folder.key.public_key(), namespace=folder.namespace
        )
        self.refresher = Refresher(self.source.environment_secrets, self.registry, seconds=50)

    def gets(self) -> int:
        return self.cluster.requests.count(("get", "secrets", "production-keys"))

    def secrets(self, name: str) -> Any:
        deployed = self.registry.get(name)
        return dict(deployed.environment.secrets) if deployed else None


async def test_one_secret_is_read_once_for_all_that_use_it(folder: SignedFolder) -> None:
    """A hundred deployments of one Environment are one request a minute."""
    watched = Watched(folder)
    await watched.cluster.create(SECRETS, "team-a", kept("true"))
    for name in ("dep-a", "dep-b"):
        await _obey(watched, folder.deploy_program(READS, name, environment=named(), endpoints=()))
    await watched.cluster.merge_patch(
        SECRETS, "team-a", "production-keys", {"data": kept("true", "newer")["data"]}
    )
    before = watched.gets()

    await watched.refresher.refresh()

    assert watched.gets() == before + 1
    assert watched.secrets("dep-a") == watched.secrets("dep-b") == {"API_TOKEN": "newer"}


async def test_a_bundle_with_the_same_rotation_reads_no_secret(folder: SignedFolder) -> None:
    """A pause or a new version asks the API server for nothing that is known."""
    watched = Watched(folder)
    await watched.cluster.create(SECRETS, "team-a", kept("true"))
    await _obey(watched, folder.deploy_program(READS, environment=named(), endpoints=()))
    before = watched.gets()

    changed = named(variables={"REGION": "us"})
    await _obey(watched, folder.deploy_program(READS, serial=2, environment=changed, endpoints=()))
    same = watched.gets() - before
    await _obey(
        watched,
        folder.deploy_program(READS, serial=3, environment=named(rotation="2"), endpoints=()),
    )

    assert (same, watched.gets() - before) == (0, 1)
    deployed = watched.registry.get("dep-a")
    assert deployed is not None
    assert deployed.environment.variables == {"REGION": "eu"}


@pytest.mark.parametrize("refusal", [Refused("forbidden"), Unreachable("the API server")])
async def test_a_bundle_waits_until_its_secret_may_be_read(
    folder: SignedFolder, refusal: Exception
) -> None:
    """The engine's Role may be a moment behind; the old state stays."""
    watched = Watched(folder)
    await watched.cluster.create(SECRETS, "team-a", kept("true"))

    def fail(verb: str, plural: str) -> None:
        if (verb, plural) == ("get", "secrets"):
            raise refusal

    watched.cluster.fail = fail
    live = folder.deploy_program(READS, environment=named(), endpoints=())
    assert not await _try(watched, live)
    watched.cluster.fail = lambda _verb, _plural: None
    assert await _try(watched, live)
    assert watched.secrets("dep-a") == {"API_TOKEN": TOKEN}


async def test_a_secret_read_before_a_new_bundle_does_not_undo_it(folder: SignedFolder) -> None:
    """What was asked for first may be answered last."""
    watched = Watched(folder)
    await watched.cluster.create(SECRETS, "team-a", kept("true"))
    live = folder.deploy_program(READS, environment=named(), endpoints=())
    await _obey(watched, live)
    fetch = watched.source.environment_secrets

    async def slowly(name: str) -> Any:
        found = await fetch(name)
        await watched.cluster.merge_patch(
            SECRETS, "team-a", name, {"data": kept("true", "newer")["data"]}
        )
        await _obey(
            watched,
            folder.deploy_program(READS, serial=2, environment=named(rotation="2"), endpoints=()),
        )
        return {**(found or {}), "API_TOKEN": "older"}

    await Refresher(slowly, watched.registry, seconds=50).refresh()

    assert watched.secrets("dep-a") == {"API_TOKEN": "newer"}


async def _obey(watched: Watched, live: Live) -> None:
    assert await _try(watched, live), watched.loader.errors


async def _try(watched: Watched, live: Live) -> bool:
    watched.source.files = LiveFiles(live.canonical(), sign(live, watched.folder.key))
    return await watched.loader.load(live.deployment)
