"""The recorder at its door: ASGI in, a real store behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest

from dragops.cluster.tokens import TokenVerifier
from dragops.history.batch import Batch, Tripped, Watch, decode_tripped, encode_batch
from dragops.history.claims import Claim, decode_claimed, encode_claim
from dragops.history.database import reading, writing
from dragops.history.queries import RunQueries
from dragops.history.store import RunStore
from dragops.history.ticks import Known, Question, decode_known, encode_question
from dragops.model.ids import RunId
from dragops_api.recorder.app import RecorderApp
from dragops_api.recorder.gather import Gatherer
from dragops_api.recorder.meters import recorder_metrics
from dragops_api.recorder.news import News
from support.batches import accept, finish, of
from support.tokens import Issuer

ENGINE, TRUSTED = "team-a:dragops-engine", "dragops:dragops-api"


@dataclass
class Door:
    """The recorder's HTTP side and the reads of its store."""

    http: httpx.AsyncClient
    queries: RunQueries
    issuer: Issuer

    async def post(self, path: str, body: bytes, account: str = ENGINE) -> httpx.Response:
        token = self.issuer.token(account, audience="dragops-recorder")
        return await self.http.post(
            path, content=body, headers={"authorization": f"Bearer {token}"}
        )

    async def batch(self, batch: Batch, account: str = ENGINE) -> httpx.Response:
        return await self.post("/v1/batch", encode_batch(batch), account)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    issuer, path = Issuer(tmp_path), tmp_path / "runs.db"
    verifier = TokenVerifier(str(issuer.jwks), audience="dragops-recorder")
    trusted = frozenset({f"system:serviceaccount:{TRUSTED}"})
    news = News()
    with writing(path) as engine, Gatherer(RunStore(engine, news.add)).running() as gatherer:
        metrics = recorder_metrics(gatherer)
        app = RecorderApp(gatherer, news, verifier, trusted=trusted, metrics=metrics)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # a bare ASGI app
        reader = reading(path)
        async with httpx.AsyncClient(transport=transport, base_url="http://recorder") as http:
            yield Door(http, RunQueries(reader), issuer)
        reader.dispose()


async def test_the_workspace_is_that_of_the_token(door: Door) -> None:
    """No batch names one."""
    run = accept()

    answer = await door.batch(of(run))

    assert answer.status_code == 200
    assert answer.json() == {"accepts": [{"runId": run.run_id, "duplicate": False}]}
    assert door.queries.get_run("team-a", run.run_id).workspace == "team-a"


async def test_what_was_answered_can_be_read_at_once(door: Door) -> None:
    """The answer comes after the commit."""
    for _ in range(20):
        run = accept()
        await door.batch(of(run))
        await door.batch(of(finish(run.run_id)))

        assert door.queries.get_run("team-a", run.run_id).status == "completed"


@pytest.mark.parametrize(
    "token",
    ["", "Bearer", "Bearer nonsense", "Basic YTpi", "audience", "expired"],
)
async def test_nobody_writes_without_a_good_token(door: Door, token: str) -> None:
    """Another audience and an old token are as bad as none."""
    made = {
        "audience": door.issuer.token(ENGINE, audience="dragops-api"),
        "expired": door.issuer.token(ENGINE, audience="dragops-recorder", seconds=-60),
    }
    headers = {"authorization": f"Bearer {made[token]}" if token in made else token}

    answer = await door.http.post("/v1/batch", content=encode_batch(of(accept())), headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHENTICATED"
    assert door.queries.list_runs("uid-a")[1].runs == 0


@pytest.mark.parametrize("body", [b"", b"{", b'{"accepts": 1, "finishes": []}'])
async def test_a_body_that_is_no_batch_is_refused(door: Door, body: bytes) -> None:
    """400: sending it again would not help."""
    answer = await door.post("/v1/batch", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")


@pytest.mark.parametrize(
    ("account", "body", "status", "left"),
    [
        (ENGINE, b'{"deploymentUid": "uid-a"}', 200, 0),
        ("team-b:dragops-engine", b'{"deploymentUid": "uid-a"}', 200, 1),
        (TRUSTED, b'{"deploymentUid": "uid-a", "workspace": "team-a"}', 200, 0),
        ("team-b:dragops-engine", b'{"deploymentUid": "uid-a", "workspace": "team-a"}', 403, 1),
        (ENGINE, b'{"deployment": "uid-a"}', 400, 1),
        (ENGINE, b"[]", 400, 1),
    ],
)
async def test_only_the_trusted_purge_in_another_workspace(
    door: Door, account: str, body: bytes, status: int, left: int
) -> None:
    """An engine reaches the runs of its own workspace only."""
    await door.batch(of(accept()))

    answer = await door.post("/v1/purge", body, account)

    assert answer.status_code == status
    assert len(door.queries.list_runs("uid-a")[0]) == left


async def test_a_pod_is_told_which_ticks_have_a_run(door: Door) -> None:
    """What was stored before the question counts; another workspace is told nothing."""
    run = accept(key="t1", key_for_ever=True)
    await door.batch(of(run))
    question = encode_question(Question("uid-a", "hook", ["t1", "t2"]))

    answer = await door.post("/v1/ticks", question)
    elsewhere = await door.post("/v1/ticks", question, "team-b:dragops-engine")

    assert decode_known(answer.content) == [Known("t1", RunId(run.run_id), has_ended=False)]
    assert decode_known(elsewhere.content) == []


async def test_a_pod_claims_a_tick_in_its_own_workspace(door: Door) -> None:
    """The second of two that must not overlap gives way."""
    event = '{"scheduledAt":"2026-03-05T12:00:00.000Z"}'
    fields = {"key_for_ever": True, "triggered_by": "schedule", "event": event}
    first, second = accept(key="t1", **fields), accept(key="t2", **fields)
    claims = [encode_claim(Claim(run, replaces=False, since=0)) for run in (first, second)]

    answers = [await door.post("/v1/claim", claim) for claim in claims]
    elsewhere = await door.post(
        "/v1/claim",
        encode_claim(Claim(accept(key="t3", **fields), replaces=False, since=0)),
        "team-b:dragops-engine",
    )

    told = [decode_claimed(answer.content).gave_way for answer in (*answers, elsewhere)]
    assert told == [False, True, False]
    assert door.queries.get_run("team-a", second.run_id).status == "skipped"
    assert (await door.post("/v1/claim", b"{}")).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"deployment_uid": "u", "node_id": "n", "keys": "t1"}',
        b'{"deployment_uid": "u", "node_id": "n", "keys": [1]}',
        orjson.dumps({"deployment_uid": "u", "node_id": "n", "keys": ["t"] * 1_001}),
    ],
)
async def test_a_question_that_is_none_is_400(door: Door, body: bytes) -> None:
    """And says so; a thousand keys are the most of one question."""
    answer = await door.post("/v1/ticks", body)

    assert answer.status_code == 400
    assert "question about ticks" in answer.json()["error"]["message"]


def _cancel(run_id: str, workspace: str = "team-a") -> bytes:
    return orjson.dumps({"workspace": workspace, "runId": run_id, "by": "ada"})


async def test_a_run_that_no_engine_has_is_recorded_as_cancelled(door: Door) -> None:
    """By whom, and that nothing was stopped; one that has ended stays as it is."""
    lost, ended = accept(), accept()
    await door.batch(of(lost, ended))
    await door.batch(of(finish(ended.run_id)))

    answers = [await door.post("/v1/cancel", _cancel(run.run_id), TRUSTED) for run in (lost, ended)]

    assert [answer.status_code for answer in answers] == [200, 200]
    run = door.queries.get_run("team-a", lost.run_id)
    assert (run.status, run.error and run.error["type"]) == ("cancelled", "Cancelled")
    assert "ada" in (run.error_message or "")
    assert door.queries.get_run("team-a", ended.run_id).status == "completed"


@pytest.mark.parametrize(
    ("account", "workspace", "body", "status"),
    [
        (ENGINE, "team-a", None, 403),
        (TRUSTED, "team-b", None, 200),
        (TRUSTED, "team-a", b"{}", 400),
        (TRUSTED, "team-a", b'{"workspace": "team-a", "runId": 5, "by": "ada"}', 400),
    ],
)
async def test_only_the_trusted_cancel_and_only_where_the_run_is(
    door: Door, account: str, workspace: str, body: bytes | None, status: int
) -> None:
    """An engine ends its own runs by its batches."""
    run = accept()
    await door.batch(of(run))

    answer = await door.post("/v1/cancel", body or _cancel(run.run_id, workspace), account)

    assert answer.status_code == status
    assert door.queries.get_run("team-a", run.run_id).status == "running"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/v1/batch", 405),
        ("GET", "/v1/ticks", 405),
        ("POST", "/v1/other", 404),
    ],
)
async def test_probes_and_metrics_need_no_token(
    door: Door, method: str, path: str, status: int
) -> None:
    """Everything else is not there."""
    assert (await door.http.request(method, path)).status_code == status


async def test_metrics_count_what_was_stored(door: Door) -> None:
    """Plain counters, read when asked."""
    await door.batch(of(accept(), accept()))

    text = (await door.http.get("/metrics")).text

    assert "dragops_recorder_accepts_total 2.0" in text
    assert "dragops_recorder_transactions_total 1.0" in text


async def test_a_batch_is_answered_with_the_breakers_that_have_tripped(door: Door) -> None:
    """Only to engines of the workspace whose deployment it is, and only about their batch."""
    watch = Watch("uid-a", "dep-a", failures=2, window_ms=60_000, since=0)
    runs = [accept() for _ in range(2)]
    failures = of(*runs, *(finish(run.run_id, "failed") for run in runs))

    told = await door.batch(failures._replace(watches=[watch]))
    later = await door.batch(of(accept()))
    other = await door.batch(of(accept(deployment_uid="uid-b")))
    elsewhere = await door.batch(of(accept()), account="team-b:dragops-engine")

    assert decode_tripped(told.content) == decode_tripped(later.content) == [Tripped("uid-a", 0)]
    assert decode_tripped(other.content) == decode_tripped(elsewhere.content) == []


@pytest.mark.parametrize(
    "watch",
    [
        ["uid-a", "dep-a", 1, 1, 2**60],
        ["uid-a", "dep-a", 0, 1, 0],
        ["uid-a", "dep-a", 1, 0, 0],
        ["uid-a", "dep-a", 1, 1, -1],
        ["u"],
    ],
)
async def test_a_breaker_that_cannot_be_is_refused(door: Door, watch: list[object]) -> None:
    """With the batch that names it."""
    body = orjson.dumps({"accepts": [], "finishes": [], "watches": [watch]})

    assert (await door.post("/v1/batch", body)).status_code == 400
