"""The engine notes when the nodes of a run began."""

import time
from pathlib import Path

import pytest

from dragops.history.timeline import STEPS_MAX, Timeline, decode_timeline
from support.engine_in_process import serving
from support.folder import SignedFolder
from support.programs import program


async def _timeline(place: Path, body: str) -> Timeline:
    """Run a program and read the times of its nodes."""
    folder = SignedFolder(place / "live")
    folder.deploy_program(program(body))
    async with serving(place, folder) as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])
    return decode_timeline(end.timeline)


async def test_each_node_has_its_time(tmp_path: Path) -> None:
    """In the order in which they began; the slow one is the one that is seen to be slow."""
    body = "ctx.step('fast')\nctx.step('slow')\nawait asyncio.sleep(0.05)\nctx.step('last')"
    before = time.time() * 1000

    timeline = await _timeline(tmp_path, body)

    steps = timeline.steps
    assert [step.node_id for step in steps] == ["fast", "slow", "last"]
    assert max(steps, key=lambda step: step.milliseconds).node_id == "slow"
    assert steps[1].milliseconds >= 50
    assert before - 1 <= steps[0].at <= steps[1].at <= steps[2].at <= time.time() * 1000 + 1


@pytest.mark.parametrize("end", ["raise ValueError", "await ctx.sleep(10_000)"])
async def test_a_run_that_fails_tells_how_far_it_came(tmp_path: Path, end: str) -> None:
    """The last node of the timeline is where it ended."""
    timeline = await _timeline(tmp_path, f"ctx.step('good')\nctx.step('bad')\n{end}")

    assert [step.node_id for step in timeline.steps] == ["good", "bad"]


async def test_the_steps_of_a_long_loop_are_counted(tmp_path: Path) -> None:
    """A run of a million steps must not have a record of a million lines."""
    body = f"for n in range({STEPS_MAX + 7}):\n    ctx.step(str(n))\nawait asyncio.sleep(0.05)"

    timeline = await _timeline(tmp_path, body)

    assert (len(timeline.steps), timeline.dropped) == (STEPS_MAX, 7)
    assert timeline.steps[-1].node_id == str(STEPS_MAX - 1)
    assert timeline.steps[-1].milliseconds < 50


async def test_a_run_without_such_nodes_stores_nothing(tmp_path: Path) -> None:
    """It costs no row."""
    assert await _timeline(tmp_path, "pass") == Timeline()
