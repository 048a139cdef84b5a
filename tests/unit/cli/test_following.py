"""Followed runs: each is shown once, after its end, whatever happens to the stream."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest

from dragops.cli.following import Follower, events_of
from dragops.cli.options import Wanted
from dragops.cli.session import Session
from support.scripted_api import Script, scripted_api

GREETING = b": runs begin and end\nretry: 2000\nid: 1-2-3\n\n"
ALIVE = b": still here\n\n"
NO_STREAM = (404, {"success": False, "error": {"code": "RUN_NOT_FOUND", "message": "no"}})
AWAY = (503, {"success": False, "error": {"code": "STORE_UNAVAILABLE", "message": "gone"}})


def _run(number: int, status: str = "completed") -> dict[str, Any]:
    return {"id": f"run_{number}", "status": status}


def _listed(*runs: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"success": True, "data": list(runs), "meta": {"total": len(runs)}}


def _finished(number: int) -> bytes:
    data = orjson.dumps({"runId": f"run_{number}", "status": "completed"})
    return b"event: run.finished\nid: 1\ndata: " + data + b"\n\n"


def _followed(script: Script, count: int, told: Sequence[str] = ()) -> list[str]:
    with scripted_api(script) as url:
        session = Session(Wanted(url=url, token="t"))
        runs = Follower(session, "dep_a", set(told)).runs()
        return [run["id"] for run in itertools.islice(runs, count)]


def test_a_server_without_a_stream_is_asked_now_and_then() -> None:
    """Newest first is what it gives, oldest first is what is shown."""
    script = Script(
        runs=[_listed(_run(2, "running"), _run(1)), _listed(_run(3), _run(2), _run(1))],
        stream=[NO_STREAM],
    )

    assert _followed(script, 3) == ["run_1", "run_2", "run_3"]
    assert script.asked.count("/api/runs/stream") == 1


def test_the_stream_tells_of_ends_and_the_list_of_what_came_before_it() -> None:
    """Between the list and the greeting a run may end."""
    script = Script(
        runs=[_listed(_run(1)), _listed(_run(2), _run(1))],
        stream=[GREETING + ALIVE + _finished(2) + _finished(3) + _finished(3)],
        each=_run,
    )

    assert _followed(script, 3) == ["run_1", "run_2", "run_3"]


def test_a_stream_that_breaks_or_forgets_is_opened_again() -> None:
    """What was missed is found in the list."""
    script = Script(
        runs=[_listed(), _listed(), _listed(_run(1)), _listed(_run(2), _run(1))],
        stream=[GREETING + b"event: gap\ndata: {}\n\n", GREETING[:9], GREETING + _finished(3)],
        each=_run,
    )

    assert _followed(script, 3) == ["run_1", "run_2", "run_3"]


def test_an_api_that_is_away_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told once, not each time."""
    script = Script(runs=[_listed(), AWAY, AWAY, _listed(_run(1))], stream=[NO_STREAM])

    assert _followed(script, 1) == ["run_1"]
    assert capsys.readouterr().err.count("gone; trying again until it is back") == 1


def test_what_was_shown_before_is_not_shown_again() -> None:
    """The log of a deployment begins with its newest runs."""
    script = Script(runs=[_listed(_run(2), _run(1))], stream=[NO_STREAM])

    assert _followed(script, 1, told=["run_1"]) == ["run_2"]


def _lines(text: bytes) -> Iterator[bytes]:
    yield from text.split(b"\n")


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (GREETING, [("greeting", {})]),
        (GREETING + ALIVE + ALIVE, [("greeting", {})]),
        (b'\r\nevent: a\r\ndata: {"b":\r\ndata: 1}\r\n\r\n', [("greeting", {}), ("a", {"b": 1})]),
        (b"\nevent: a\ndata: [1]\n\n", [("greeting", {}), ("a", {})]),
        (b"\nevent: a\ndata: {broken\n\n", [("greeting", {}), ("a", {})]),
        (b"\nevent:a\ndata:{}\n\n", [("greeting", {}), ("a", {})]),
        (b"\nevent: a\ndata: {}", [("greeting", {})]),
    ],
)
def test_events_are_read_as_the_standard_has_them(
    text: bytes, events: list[tuple[str, Any]]
) -> None:
    """Comments, both line ends, data over several lines; an event ends with its empty line."""
    assert [*events_of(_lines(text))] == events
