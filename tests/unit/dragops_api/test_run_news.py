"""News of runs on their way to listeners: all of one's own, none of others', none twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dragops.errors import Refused, Unreachable
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops_api import event_stream, listeners, run_news
from dragops_api.errors import RateLimited
from dragops_api.event_stream import told
from dragops_api.listeners import Listener
from dragops_api.recorder.news import News
from dragops_api.run_news import RunNews
from support.api_door import ended
from support.batches import accept, finish, of
from support.event_client import Event, events_of
from support.memory_news import MemoryNews


@dataclass
class Wire:
    """A store that tells its news, and the API's half that listens."""

    store: RunStore
    recorder: MemoryNews
    news: RunNews

    def write(self, *records: Any, workspace: str = "team-a") -> None:
        self.store.write([(workspace, of(*records))])


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    memory = News()
    with writing(tmp_path / "runs.db") as engine:
        recorder = MemoryNews(memory)
        news = RunNews(recorder)
        running = asyncio.create_task(news.run())
        yield Wire(RunStore(engine, memory.add), recorder, news)
        await ended(running)


async def heard(listener: Listener, count: int) -> list[Event]:
    """Wait for so many events."""
    found: list[Event] = []
    while len(found) < count:
        found += events_of(b"".join(await listener.take(5)))
    return found


async def allowed(_: Listener) -> None:
    """Let a listener go on."""


async def test_a_listener_hears_what_comes_from_now_on(wire: Wire) -> None:
    """Beginning and end, with ids to come back with."""
    old, run, listener = accept(), accept(), Listener(["team-a"])
    wire.write(old)
    joined = await wire.news.join(listener, None)
    wire.write(run)
    wire.write(finish(run.run_id, "failed", error='{"type":"T","message":"by zero"}'))

    begun, end = await heard(listener, 2)

    assert [text async for text in joined.missed] == []
    common = {
        "runId": run.run_id,
        "deploymentId": "dep_a",
        "workspace": "team-a",
        "triggeredBy": "webhook",
        "startedAt": "1970-01-01T00:00:01.000Z",
    }
    assert (begun.name, begun.data) == ("run.started", common | {"status": "running"})
    assert (end.name, end.data) == (
        "run.finished",
        common
        | {
            "status": "failed",
            "completedAt": "1970-01-01T00:00:01.250Z",
            "durationMs": 250,
            "errorMessage": "by zero",
        },
    )
    assert begun.id != end.id


@pytest.mark.parametrize("error", ["nonsense", "[1]", '{"message": 5}', "null", None])
async def test_what_an_odd_engine_reports_silences_nobody(wire: Wire, error: str | None) -> None:
    """Its own item says null; the next one, of another workspace, is told as ever."""
    listener = Listener(["team-a", "team-b"])
    await wire.news.join(listener, None)
    odd, sound = accept(at=2**60), accept()
    wire.write(odd, finish(odd.run_id, "failed", at=2**61, error=error), workspace="team-b")
    wire.write(sound)

    begun, end, following = await heard(listener, 3)

    assert (begun.data["startedAt"], end.data["completedAt"]) == (None, None)
    assert end.data["errorMessage"] is None
    assert following.data["runId"] == sound.run_id


async def test_each_hears_of_its_own_and_of_nothing_else(wire: Wire) -> None:
    """Two workspaces, and one deployment of the first."""
    ada, bob = Listener(["team-a"]), Listener(["team-b"])
    one, both = Listener(["team-a"], "uid-b"), Listener(["team-a", "team-b"])
    for listener in (ada, bob, one, both):
        await wire.news.join(listener, None)
    runs = [accept(), accept(deployment_uid="uid-b"), accept(deployment_uid="uid-b")]
    wire.write(runs[0], runs[1])
    wire.write(runs[2], workspace="team-b")

    last = (await heard(both, 3))[-1]

    assert last.data["runId"] == runs[2].run_id
    told_to = [
        [event.data["runId"] for event in events_of(b"".join(await listener.take(0)))]
        for listener in (ada, bob, one)
    ]
    assert told_to == [[runs[0].run_id, runs[1].run_id], [runs[2].run_id], [runs[1].run_id]]


async def test_who_comes_back_hears_what_it_has_missed_once(wire: Wire) -> None:
    """First what is past, then what comes, in one order."""
    first, listener = Listener(["team-a"]), Listener(["team-a"])
    await wire.news.join(first, None)
    seen, missed, live = accept(), [accept(), accept()], accept()
    wire.write(seen)
    [event] = await heard(first, 1)
    wire.news.leave(first)
    wire.write(*missed)
    wire.write(accept(), workspace="team-b")

    joined = await wire.news.join(listener, event.id)
    wire.write(live)
    past = [e for text in [text async for text in joined.missed] for e in events_of(text)]
    present = [] if len(past) == 3 else await heard(listener, 3 - len(past))

    ids = [event.data["runId"] for event in past + present]
    assert ids == [run.run_id for run in (*missed, live)]


@pytest.mark.parametrize("last_event_id", ["nonsense", "00000000-5.0", ""])
async def test_who_comes_back_from_elsewhere_is_told_of_a_gap(
    wire: Wire, last_event_id: str
) -> None:
    """The recorder was started anew, or the id is none."""
    joined = await wire.news.join(Listener(["team-a"]), last_event_id)

    [gap] = [event for text in [text async for text in joined.missed] for event in events_of(text)]

    assert (gap.name, gap.id) == ("gap", str(joined.start))


async def test_a_recorder_that_starts_anew_makes_a_gap_for_all(wire: Wire) -> None:
    """What it did in between is unknown; then all goes on."""
    listener = Listener(["team-a"])
    await wire.news.join(listener, None)
    old, wire.recorder.news = wire.recorder.news, News()
    wire.store._heard = wire.recorder.news.add
    old.close()

    [gap] = await heard(listener, 1)
    wire.write(accept())

    assert gap.name == "gap"
    assert [event.name for event in await heard(listener, 1)] == ["run.started"]


async def test_a_recorder_that_is_away_is_asked_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who listens stays, who comes is told to come later; nothing that is remembered is lost."""
    monkeypatch.setattr(run_news, "_AWAY_SECONDS", 0.02)
    monkeypatch.setattr(run_news, "_WAIT_SECONDS", 0.05)
    listener = Listener(["team-a"])
    await wire.news.join(listener, None)
    wire.recorder.away = True
    asked = wire.recorder.asked
    while wire.recorder.asked < asked + 3:  # noqa: ASYNC110 as over a wire
        await asyncio.sleep(0.01)
    wire.write(accept())
    wire.recorder.away = False

    assert [event.name for event in await heard(listener, 1)] == ["run.started"]


async def test_nobody_can_begin_to_listen_while_the_recorder_is_away(wire: Wire) -> None:
    """503 at the door."""
    wire.recorder.away = True

    with pytest.raises(Unreachable):
        await wire.news.join(Listener(["team-a"]), None)


async def test_nothing_is_asked_while_nobody_listens(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder works for nobody then."""
    monkeypatch.setattr(run_news, "_WAIT_SECONDS", 0.01)
    listener = Listener(["team-a"])
    await wire.news.join(listener, None)
    wire.news.leave(listener)
    await asyncio.sleep(0.15)
    asked = wire.recorder.asked

    await asyncio.sleep(0.15)

    assert wire.recorder.asked == asked


async def test_one_question_serves_all_listeners(wire: Wire) -> None:
    """However many there are."""
    crowd = [Listener(["team-a"]) for _ in range(50)]
    for listener in crowd:
        await wire.news.join(listener, None)
    before = wire.recorder.asked
    wire.write(accept())

    for listener in crowd:
        await heard(listener, 1)

    assert wire.recorder.asked <= before + 2


async def test_there_are_no_more_listeners_than_one_process_serves(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429; a place that becomes free is given away."""
    monkeypatch.setattr(run_news, "LISTENERS_MAX", 1)
    first = Listener(["team-a"])
    await wire.news.join(first, None)

    with pytest.raises(RateLimited):
        await wire.news.join(Listener(["team-a"]), None)
    wire.news.leave(first)
    await wire.news.join(Listener(["team-a"]), None)


async def test_who_is_too_slow_is_let_go_with_a_word(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of what it did not take is kept."""
    monkeypatch.setattr(listeners, "QUEUE_MAX", 3)
    slow, quick = Listener(["team-a"]), Listener(["team-a"])
    joined = await wire.news.join(slow, None)
    await wire.news.join(quick, None)
    stream = told(slow, joined, allowed)
    await anext(stream)
    for _ in range(5):
        wire.write(accept())
        await heard(quick, 1)

    events = [event async for text in stream for event in events_of(text)]

    assert [(event.name, event.data["code"]) for event in events] == [("end", "TOO_SLOW")]
    assert events[0].id is None


async def test_a_stream_greets_shows_life_and_ends_with_a_reason(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The greeting has the id to come back with, before anything has happened."""
    monkeypatch.setattr(event_stream, "ALIVE_SECONDS", 0.01)
    listener = Listener(["team-a"])
    joined = await wire.news.join(listener, None)
    stream = told(listener, joined, allowed)

    hello, alive = await anext(stream), await anext(stream)
    wire.news.close()
    [*_, last] = [text async for text in stream]

    assert f"id: {joined.start}\n\n".encode() in hello
    assert alive == b": still here\n\n"
    [end] = events_of(last)
    assert (end.name, end.data["code"]) == ("end", "STOPPING")


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Refused("may not"), "FORBIDDEN"), (Unreachable("the API server"), None)],
)
async def test_a_stream_ends_with_the_right_to_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, verdict: Exception, code: str | None
) -> None:
    """It is asked again and again; where nobody can say, it goes on."""
    monkeypatch.setattr(event_stream, "ALIVE_SECONDS", 0.01)
    monkeypatch.setattr(event_stream, "CHECK_SECONDS", 0)
    listener = Listener(["team-a"])
    asked = 0

    async def check(_: Listener) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            wire.news.close()
        raise verdict

    stream = told(listener, await wire.news.join(listener, None), check)
    [*_, last] = [text async for text in stream]

    [end] = events_of(last)
    assert (end.data["code"], asked) == ((code, 1) if code else ("STOPPING", 3))
