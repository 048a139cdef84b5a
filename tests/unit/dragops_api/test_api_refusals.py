"""What goes wrong around a call; bad requests have a suite of their own, test_bad_requests."""

import re
from typing import Any

import pytest

from dragops.errors import Unreachable
from support.api_door import Door

PATTERNS = "/api/patterns"


async def test_a_body_that_is_too_large_is_413(door: Door) -> None:
    """By its declared length, and by its real one where none is declared."""
    big = b'{"name": "' + b"x" * 5_000_000 + b'"}'

    async def chunks() -> Any:
        for start in range(0, len(big), 100_000):
            yield big[start : start + 100_000]

    headers = {"Content-Type": "application/json"}
    for content in (big, chunks()):
        answer = await door.call("POST", PATTERNS, content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize("path", [PATTERNS, "/api/deployments/dep_a", "/api/nothing", "/healthz"])
async def test_every_answer_has_a_request_id(door: Door, path: str) -> None:
    """The caller's own when it is sane, else a new one."""
    own = await door.call("GET", path, headers={"X-Request-Id": "abc-1"})
    made = await door.call("GET", path, headers={"X-Request-Id": 'a"b c'})

    assert own.headers["X-Request-Id"] == "abc-1"
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["X-Request-Id"])


async def test_a_cluster_that_is_away_is_503_with_retry_after(door: Door) -> None:
    """And the answer names no address."""

    def fail(verb: str, plural: str) -> None:
        raise Unreachable("the API server", "10.0.0.1:6443 refused")

    door.cluster.fail = fail
    answer = await door.call("POST", PATTERNS, {"name": "x"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "CLUSTER_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
    assert "10.0.0.1" not in answer.text


async def test_an_unforeseen_error_is_500_without_a_trace(door: Door) -> None:
    """The log has it; the caller gets a request id."""

    def fail(verb: str, plural: str) -> None:
        raise RuntimeError("secret inside")

    door.cluster.fail = fail
    answer = await door.call("POST", PATTERNS, {"name": "x"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert "secret inside" not in answer.text
    assert answer.headers["X-Request-Id"]


async def test_nobody_is_told_about_a_body_before_a_token_was_shown(door: Door) -> None:
    """401 comes before 400, 413 and 415."""
    for options in (
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
        {"content": b"x" * 5_000_000},
        {"json": {"unknown": 1}},
    ):
        answer = await door.http.post(PATTERNS, **options)
        assert answer.status_code == 401, options
        assert answer.headers["WWW-Authenticate"] == "Bearer"
