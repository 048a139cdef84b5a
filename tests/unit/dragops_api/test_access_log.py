"""The access log: one line a call, and nothing in it that somebody could use."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from dragops.log_lines import log_lines
from support.api_door import ADA, TOKEN, Door
from support.product import LOGGER


@pytest.fixture(autouse=True)
def _as_before(_plain_log: None) -> Iterator[None]:
    """Leave no log behind that writes to the stream of a test that has ended."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _listen(capsys: pytest.CaptureFixture[str]) -> None:
    """Log as the process does, to the stream that this test captures."""
    log_lines()
    capsys.readouterr()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def _line(
    door: Door, capsys: pytest.CaptureFixture[str], method: str, path: str, **options: Any
) -> dict[str, Any]:
    """Make a call and give its line, without the times."""
    _listen(capsys)
    await door.call(method, path, **options)
    (line,) = [line for line in _lines(capsys) if line["event"] == "call"]
    assert re.fullmatch(r"[0-9T:.-]+Z", line.pop("timestamp"))
    assert 0 <= line.pop("duration_ms") < 20_000
    assert line.pop("level") == "info"
    assert line.pop("event") == "call"
    return line


async def test_a_line_says_who_did_what_where_and_how_it_went(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the request id that the answer has."""
    _, deployment = await door.deployed(LOGGER)

    line = await _line(
        door,
        capsys,
        "POST",
        f"/api/deployments/{deployment}/pause?wait=1",
        headers={"X-Request-Id": "mine-1"},
    )

    assert line == {
        "request_id": "mine-1",
        "method": "POST",
        "route": "/api/deployments/{deployment_id}/pause",
        "deployment_id": deployment,
        "caller": ADA["username"],
        "workspace": "team-a",
        "status": 200,
    }


@pytest.mark.parametrize(
    ("options", "allowed", "wanted"),
    [
        ({}, False, {"status": 403, "caller": ADA["username"], "workspace": "team-a"}),
        ({"headers": {"Authorization": "Bearer wrong"}}, True, {"status": 401}),
        ({"headers": {"X-Dragops-Workspace": "?"}}, True, {"status": 400, "caller": "*"}),
        (
            {"headers": {"X-Dragops-Workspace": "team-b"}},
            True,
            {"status": 404, "caller": "*", "workspace": "team-b"},
        ),
    ],
)
async def test_calls_that_are_refused_are_logged_too(
    door: Door,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, Any],
    allowed: bool,
    wanted: dict[str, Any],
) -> None:
    """With the caller wherever the token told one."""
    door.cluster.allowed = lambda _: allowed

    line = await _line(door, capsys, "GET", "/api/deployments/dep_a", **options)

    assert re.fullmatch(r"[0-9a-f]{32}", line.pop("request_id"))
    place = {"method": "GET", "route": "/api/deployments/{deployment_id}"}
    known = {"deployment_id": "dep_a"} | wanted
    assert line == place | known | ({"caller": ADA["username"]} if "caller" in wanted else {})


async def test_nothing_that_is_secret_is_written_down(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    """No token, no body, no query, no webhook's whole address, no path that is no route."""
    webhook = "whk_abcdefghijklmnopqrstuvwxyz"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/patterns", {"body": {"name": "Hidden-1"}}),
        ("POST", "/api/patterns", {"body": {"name": "x", "Hidden-2": 1}}),
        ("GET", "/api/patterns?search=Hidden-3&Hidden-4=1", {}),
        ("GET", "/api/deployments/Hidden-5%20%0a", {}),
        ("GET", "/Hidden-6?token=Hidden-7", {}),
        ("GET", "/api/patterns", {"headers": {"Authorization": "Bearer Hidden-8"}}),
        ("POST", f"/webhooks/{webhook}?Hidden-9", {"body": {"a": "Hidden-10"}}),
        ("POST", f"/api/webhooks/{webhook}/", {"headers": {"X-Webhook-Signature": "Hidden-11"}}),
        ("POST", "/webhooks/Hidden-12/..", {}),
    ]
    _listen(capsys)

    for method, path, options in calls:
        await door.call(method, path, **options)

    text = capsys.readouterr().err
    assert "Hidden" not in text
    assert TOKEN not in text
    assert webhook not in text
    assert text.count('"webhook_id": "whk_abcd..."') == 2
    lines = [json.loads(line) for line in text.splitlines()]
    assert len([line for line in lines if line["event"] == "call"]) == len(calls)


async def test_probes_are_silent_until_something_is_wrong(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kubelet asks every two seconds."""
    _listen(capsys)

    await door.http.get("/healthz")
    await door.http.get("/readyz")
    await door.http.post("/healthz")

    assert [(line["method"], line["status"]) for line in _lines(capsys)] == [("POST", 404)]
