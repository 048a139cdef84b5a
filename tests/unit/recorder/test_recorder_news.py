"""What the recorder remembers of runs, and how it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.errors import Unreachable
from dragops.history.batch import Start
from dragops.history.database import writing
from dragops.history.news import Page, Position, encode_page, page_of, read_position
from dragops.history.store import RunStore
from dragops_api.recorder import news as module
from dragops_api.recorder.news import News
from support.batches import accept, finish, of


@dataclass
class Told:
    """A store that tells its news."""

    store: RunStore
    news: News

    def write(self, *records: Any, workspace: str = "team-a") -> None:
        self.store.write([(workspace, of(*records))])

    async def now(self) -> Position:
        return (await self.news.since(None, wait_seconds=0)).following

    async def since(self, position: Position, wait_seconds: float = 0) -> Page:
        return await self.news.since(position, wait_seconds=wait_seconds)


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    news = News(kept=10)
    with writing(tmp_path / "runs.db") as engine:
        yield Told(RunStore(engine, news.add), news)


def said(page: Page) -> list[tuple[str, str]]:
    return [(item.run_id, item.status) for _, _, item in page.items]


async def test_beginnings_and_ends_are_news_in_their_order(told: Told) -> None:
    """What only waits is no news until it begins."""
    start = await told.now()
    run, waiting = accept(), accept(running=False)
    told.write(run, waiting)
    told.write(Start(waiting.run_id, 1_100), finish(run.run_id, "failed", error='{"message":"m"}'))

    page = await told.since(start)

    assert said(page) == [
        (run.run_id, "running"),
        (waiting.run_id, "running"),
        (run.run_id, "failed"),
    ]
    [_, begun, ended] = [item for _, _, item in page.items]
    assert (begun.started_at, begun.ended_at, begun.error) == (1_100, None, None)
    assert (ended.started_at, ended.ended_at, ended.error) == (1_000, 1_250, '{"message":"m"}')
    assert (ended.workspace, ended.deployment_uid, ended.deployment) == ("team-a", "uid-a", "dep-a")
    assert said(await told.since(page.following)) == []


async def test_a_run_within_one_batch_and_a_skipped_tick_are_told(told: Told) -> None:
    """Began and ended at once; never began."""
    start = await told.now()
    run, tick = accept(), accept(running=False, triggered_by="schedule")

    told.write(run, finish(run.run_id))
    told.write(tick)
    told.write(finish(tick.run_id, "skipped"))

    assert said(await told.since(start)) == [
        (run.run_id, "running"),
        (run.run_id, "completed"),
        (tick.run_id, "skipped"),
    ]


async def test_a_stranger_who_ends_a_run_makes_no_news(told: Told) -> None:
    """As nothing happened."""
    run = accept()
    told.write(run)
    start = await told.now()

    told.write(finish(run.run_id), workspace="team-b")

    assert said(await told.since(start)) == []


async def test_who_waits_is_woken_by_the_next_transaction(told: Told) -> None:
    """Without asking again and again."""
    start = await told.now()
    waiting = asyncio.create_task(told.since(start, 10))
    await asyncio.sleep(0.01)
    run = accept()

    await asyncio.to_thread(told.write, run)

    assert said(await asyncio.wait_for(waiting, 5)) == [(run.run_id, "running")]


async def test_who_waits_for_nothing_gets_nothing(told: Told) -> None:
    """After the time that was asked for, or when the process is about to end."""
    start = await told.now()

    page = await told.since(start, 0.01)
    told.news.close()
    closed = await asyncio.wait_for(told.since(start, 60), 5)

    assert page == closed == Page([], start, is_whole=True)


async def test_what_is_forgotten_is_said_to_be(told: Told) -> None:
    """Ten items are kept here; a position from before them has a gap behind it."""
    start = await told.now()
    runs = [accept() for _ in range(12)]
    for run in runs[:2]:
        told.write(run)
    kept = await told.now()
    for run in runs[2:]:
        told.write(run)

    lost, whole = await told.since(start), await told.since(kept)

    assert lost == Page((), await told.now(), is_whole=False)
    assert said(whole) == [(run.run_id, "running") for run in runs[2:]]


async def test_long_errors_count_for_several_items(told: Told) -> None:
    """Memory is bounded by what is in it."""
    start = await told.now()
    run = accept()
    told.write(run)
    told.write(finish(run.run_id, "failed", error='"' + "x" * 20_000 + '"'))

    assert not (await told.since(start)).is_whole


@pytest.mark.parametrize(
    "position", [Position("other", 1, 0), Position("", 10**9, 0), Position("", 0, 0)]
)
async def test_a_position_of_elsewhere_is_a_gap(told: Told, position: Position) -> None:
    """Another process's, one of the future, one before the first."""
    here = await told.now()
    mine = position if position.epoch else position._replace(epoch=here.epoch)

    assert await told.since(mine) == Page((), here, is_whole=False)


async def test_a_long_list_comes_in_pages(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on where the last one ended, also within a transaction."""
    monkeypatch.setattr(module, "_PAGE_MAX", 2)
    start = await told.now()
    runs = [accept() for _ in range(5)]
    told.write(*runs)

    pages = [await told.since(start)]
    while pages[-1].items:
        pages.append(await told.since(pages[-1].following))

    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert [item for page in pages for item in said(page)] == [
        (run.run_id, "running") for run in runs
    ]


async def test_a_page_arrives_as_it_was_sent(told: Told) -> None:
    """Over the wire as JSON."""
    start = await told.now()
    told.write(accept(), accept())
    page = await told.since(start)

    assert page_of(orjson.loads(encode_page(page))) == page


@pytest.mark.parametrize(
    "answer", [{}, {"items": 5}, {"items": [], "following": 5}, {"items": [[1]]}]
)
def test_an_answer_that_is_no_page_may_be_one_later(answer: dict[str, Any]) -> None:
    """A recorder of another version."""
    with pytest.raises(Unreachable):
        page_of(answer)


@given(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), *[st.integers(0, 10**12)] * 2)
def test_a_position_is_read_as_it_is_written(epoch: str, transaction: int, item: int) -> None:
    """It is the id of an event."""
    position = Position(epoch, transaction, item)

    assert read_position(str(position)) == position


@pytest.mark.parametrize(
    "text", ["", "a", "a-", "a-1", "a-1.", "-1.1", "a-x.1", "a-1.1.1", "a-٣.1"]
)
def test_what_is_no_position_is_none(text: str) -> None:
    """A client may send anything."""
    assert read_position(text) is None
