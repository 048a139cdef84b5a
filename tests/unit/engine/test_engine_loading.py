"""What an engine obeys, and the internal door at which others ask it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dragops.model.bundle import Live, ProgramPointer
from dragops.model.deployment import Limits
from support.engine_in_process import Served, serving
from support.folder import SignedFolder
from support.programs import program


def says(word: str) -> Any:
    return program(f"ctx.log('info', {word!r})")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    folder = SignedFolder(tmp_path / "live")
    folder.deploy_program(says("one"))
    async with serving(tmp_path, folder) as running:
        yield running


async def said(served: Served) -> tuple[int, str]:
    """Run the deployment: which version, and what did it say."""
    run_id = (await served.post()).json()["runId"]
    end = await served.recorder.ended(run_id)
    return served.recorder.accepts[run_id].version, orjson.loads(end.log or "")[0][3]


async def test_a_new_version_is_obeyed(served: Served) -> None:
    """Nobody restarts anything."""
    served.folder.deploy_program(says("two"), version=2, serial=2)
    await served.obeys("dep-a", 2)

    assert await said(served) == (2, "two")


async def test_a_run_ends_on_the_version_it_began_with(served: Served) -> None:
    """A switch touches no run in flight."""
    served.folder.deploy_program(
        program("await asyncio.sleep(0.5)\nctx.log('info', 'old')"), version=2, serial=2
    )
    await served.obeys("dep-a", 2)
    run_id = (await served.post()).json()["runId"]
    served.folder.deploy_program(says("new"), version=3, serial=3)
    await served.obeys("dep-a", 3)

    end = await served.recorder.ended(run_id)

    assert orjson.loads(end.log or "")[0][3] == "old"
    assert served.recorder.accepts[run_id].version == 2


def spoiled_digest(folder: SignedFolder) -> None:
    there = next((folder.root / "team-a" / "dep-a").glob("dep-a-v1-*")).name
    _edit(folder, program=ProgramPointer(version=2, config_map=there, digest="0" * 64))


def text_that_does_not_load(folder: SignedFolder) -> None:
    folder.deploy_program(program("pass", head="import no_such_module"), version=2, serial=2)


def text_that_does_not_parse(folder: SignedFolder) -> None:
    folder.deploy_program(program("pass", head="def"), version=2, serial=2)


def other_key(folder: SignedFolder) -> None:
    SignedFolder(folder.root).deploy_program(says("two"), version=2, serial=2)


def other_namespace(folder: SignedFolder) -> None:
    _edit(folder, namespace="team-b")


def other_deployment(folder: SignedFolder) -> None:
    _edit(folder, deployment="dep-b")


def older_serial(folder: SignedFolder) -> None:
    folder.deploy_program(says("two"), version=2, serial=0)


def a_program_that_is_not_there(folder: SignedFolder) -> None:
    pointer = ProgramPointer(version=2, config_map="dep-a-v2-none", digest="0" * 64)
    folder.deploy_program(says("two"), serial=2, program=pointer)


def changed_after_signing(folder: SignedFolder) -> None:
    path = folder.root / folder.namespace / "dep-a" / "live.json"
    path.write_bytes(path.read_bytes().replace(b'"serial":1', b'"serial":2'))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoiled_digest, "digest is not the one that was signed"),
        (text_that_does_not_load, "cannot be loaded: ModuleNotFoundError"),
        (text_that_does_not_parse, "cannot be loaded: SyntaxError"),
        (other_key, "signature is not the operator's"),
        (other_namespace, "signed for namespace 'team-b'"),
        (other_deployment, "signed for deployment 'dep-b'"),
        (older_serial, "older than 1"),
        (a_program_that_is_not_there, "'dep-a-v2-none' does not exist"),
        (changed_after_signing, "signature is not the operator's"),
    ],
)
async def test_a_bad_live_file_never_takes_down_a_good_one(
    served: Served, spoil: Any, reason: str
) -> None:
    """The old version stays, and the internal door says why."""
    spoil(served.folder)

    await served.refuses("dep-a", reason)

    assert await said(served) == (1, "one")
    serials = (await served.ask("GET", "/internal/serials")).json()["serials"]
    assert serials == {"dep-a": {"uid": "uid-dep-a", "serial": 1}}


async def test_a_good_live_file_after_a_bad_one_is_obeyed(served: Served) -> None:
    """And the error is gone."""
    text_that_does_not_load(served.folder)
    await served.refuses("dep-a", "cannot be loaded")

    served.folder.deploy_program(says("three"), version=3, serial=3)
    await served.obeys("dep-a", 3)

    assert served.engine.loader.errors == {}
    assert await said(served) == (3, "three")


async def test_a_bad_deployment_does_not_keep_another_from_loading(served: Served) -> None:
    """One ends in an error, the other is obeyed."""
    text_that_does_not_load(served.folder)
    served.folder.deploy_program(says("b"), name="dep-b", serial=7)

    await served.obeys("dep-b", 7)

    assert (await served.post(name="dep-b")).status_code == 202


async def test_a_deployment_that_is_gone_is_unknown(served: Served) -> None:
    """Its webhooks answer 404, as if they had never been."""
    (served.folder.root / "team-a" / "dep-a" / "live.json").unlink()
    while served.engine.public._registry.get("dep-a"):  # noqa: ASYNC110 nothing tells
        await asyncio.sleep(0.02)

    assert (await served.post()).status_code == 404
    assert (await served.ask("GET", "/internal/serials")).json()["serials"] == {}


async def test_a_deployment_made_anew_starts_its_serials_anew(served: Served) -> None:
    """Another uid is another deployment; the one it replaced never comes back."""
    served.folder.deploy_program(says("two"), serial=5)
    await served.obeys("dep-a", 5)
    served.folder.deploy_program(says("new"), uid="uid-2", serial=1)
    await served.obeys("dep-a", 1)

    served.folder.deploy_program(says("two"), serial=5)

    await served.refuses("dep-a", "was replaced")


EXECUTED = [
    ("await asyncio.sleep(0)", 200, "completed", None),
    ("raise ValueError  # n", 200, "failed", ("InternalError", "n")),
    ("await asyncio.sleep(9)", 200, "timeout", ("TimeoutError", None)),
]


@pytest.mark.parametrize(("body", "code", "status", "error"), EXECUTED)
async def test_execute_waits_for_the_end(
    served: Served, body: str, code: int, status: str, error: tuple[str, str | None] | None
) -> None:
    """The answer says how it ended, and the store knows it by then: a reader sees no other."""
    limits = Limits(timeout_seconds=1)
    served.folder.deploy_program(program(body, type_="OnStart"), serial=2, limits=limits)
    await served.obeys("dep-a", 2)

    answer = await served.ask("POST", "/internal/execute", json={"deployment": "dep-a"})

    told = answer.json()
    assert (answer.status_code, told["status"]) == (code, status)
    assert served.recorder.accepts[told["runId"]].triggered_by == "manual"
    assert served.recorder.finishes[told["runId"]].status == status
    found = told.get("error")
    assert (found and (found["type"], found.get("nodeId"))) == error


async def test_execute_does_not_wait_longer_than_asked(served: Served) -> None:
    """202, and the run goes on."""
    served.folder.deploy_program(program("await asyncio.sleep(0.5)"), serial=2)
    await served.obeys("dep-a", 2)

    answer = await served.ask(
        "POST", "/internal/execute", json={"deployment": "dep-a", "waitSeconds": 0.05}
    )

    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert (await served.recorder.ended(answer.json()["runId"])).status == "completed"


@pytest.mark.parametrize(
    ("type_", "event", "seen"),
    [
        ("OnStart", {"a": 1}, {"data": {"a": 1}}),
        ("OnStart", 5, {"data": {"value": 5}}),
        ("OnStart", None, {"data": {}}),
        ("OnWebhook", {"body": 1}, {"body": 1}),
        ("OnSchedule", None, {}),
    ],
)
async def test_execute_gives_its_event_to_the_trigger(
    served: Served, type_: str, event: Any, seen: dict[str, Any]
) -> None:
    """On Start has it as data, any other trigger as its event."""
    served.folder.deploy_program(program("ctx.log('info', str(event))", type_=type_), serial=2)
    await served.obeys("dep-a", 2)

    wish = {"deployment": "dep-a", "nodeId": "hook", "event": event}
    told = (await served.ask("POST", "/internal/execute", json=wish)).json()

    end = await served.recorder.ended(told["runId"])
    assert orjson.loads(end.log or "")[0][3] == str(seen)


@pytest.mark.parametrize(
    ("changes", "wish", "code", "told"),
    [
        ({}, {"deployment": "dep-z"}, 404, "DEPLOYMENT_NOT_FOUND"),
        ({"state": "paused"}, {"deployment": "dep-a"}, 409, "PAUSED"),
        ({"state": "undeployed"}, {"deployment": "dep-a"}, 409, "NOT_ACTIVE"),
        ({}, {"deployment": "dep-a", "nodeId": "none"}, 409, "NO_SUCH_TRIGGER"),
        ({}, {"deployment": 5}, 400, "VALIDATION"),
        ({}, {"deployment": "dep-a", "odd": 1}, 400, "VALIDATION"),
    ],
)
async def test_execute_says_why_not(
    served: Served, changes: dict[str, Any], wish: dict[str, Any], code: int, told: str
) -> None:
    """Nothing is stored."""
    served.folder.deploy_program(says("x"), serial=2, **changes)
    await served.obeys("dep-a", 2)

    answer = await served.ask("POST", "/internal/execute", json=wish)

    body = answer.json()
    assert (answer.status_code, body.get("code") or body["error"]["code"]) == (code, told)
    assert served.recorder.accepts == {}


@pytest.mark.parametrize("path", ["/internal/serials", "/internal/captured", "/internal/none"])
@pytest.mark.parametrize(
    ("account", "audience", "status"),
    [
        ("dragops:dragops-api", "dragops-recorder", 401),
        ("team-a:dragops-engine", "dragops-engine", 403),
        (None, "", 401),
    ],
)
async def test_the_internal_door_knows_who_may_ask(
    served: Served, path: str, account: str | None, audience: str, status: int
) -> None:
    """Audience and account, before it even says whether a route is there."""
    token = served.issuer.token(account, audience=audience) if account else ""

    answer = await served.internal.get(path, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == status


async def test_the_internal_routes_are_not_on_the_public_port(served: Served) -> None:
    """Two sockets, two apps."""
    token = served.issuer.token("dragops:dragops-api", audience="dragops-engine")

    answer = await served.public.get(
        "/internal/serials", headers={"authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 404


async def test_probes_and_metrics_tell_how_it_goes(served: Served) -> None:
    """No token; counters are read when asked."""
    await said(served)

    ready = await served.internal.get("/readyz")
    metrics = await served.internal.get("/metrics")

    assert ready.status_code == 200
    assert 'dragops_engine_runs_total{status="completed"} 1.0' in metrics.text
    assert 'dragops_engine_webhooks_total{status="202"} 1.0' in metrics.text
    assert "dragops_engine_deployments 1.0" in metrics.text


async def test_a_draining_engine_takes_nothing_and_lets_runs_end(served: Served) -> None:
    """Not ready, 503 at the door, and what goes on is finished and recorded."""
    served.folder.deploy_program(program("await asyncio.sleep(0.4)"), serial=2)
    await served.obeys("dep-a", 2)
    run_id = (await served.post()).json()["runId"]

    draining = asyncio.create_task(served.engine.drain(5))
    await asyncio.sleep(0.05)
    refused, ready = await served.post(), await served.internal.get("/readyz")
    await draining

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert ready.status_code == 503
    assert served.recorder.finishes[run_id].status == "completed"


async def test_what_cannot_end_in_time_is_recorded_as_cancelled(served: Served) -> None:
    """Also what was still waiting for a slot."""
    served.folder.deploy_program(
        program("await asyncio.sleep(9)"), serial=2, limits=Limits(concurrency=1)
    )
    await served.obeys("dep-a", 2)
    runs = [(await served.post()).json()["runId"] for _ in range(2)]

    await served.engine.drain(0.1)

    assert [served.recorder.finishes[run].status for run in runs] == ["cancelled"] * 2


def _edit(folder: SignedFolder, **changes: Any) -> None:
    place = folder.root / "team-a" / "dep-a"
    live = Live.model_validate_json((place / "live.json").read_bytes())
    elsewhere = SignedFolder(folder.root / "elsewhere", key=folder.key)
    made = elsewhere.write(live.model_copy(update={"serial": 2} | changes))
    source = elsewhere.root / "team-a" / made.deployment
    for file in ("live.sig", "live.json"):
        (place / file).write_bytes((source / file).read_bytes())
