"""Bad bodies, ids, queries and headers: one exact answer each, and nothing is written."""

import re
from typing import Any

import pytest

from dragops.errors import Unreachable
from support.api_door import TOKEN, Door

PATTERNS, DEPLOY = "/api/patterns", "/api/patterns/pat_a/deploy"
EXECUTE = "/api/deployments/dep_a/execute"
DEEP: Any = "leaf"
for _ in range(80):
    DEEP = [DEEP]


def _bodies() -> list[tuple[str, Any, str, str]]:
    node = {"id": "a", "type": "Log"}
    return [
        (PATTERNS, {}, "body.name", "name is required"),
        (PATTERNS, {"name": ""}, "body.name", "name is required"),
        (PATTERNS, {"name": "  "}, "body.name", "name is required"),
        (PATTERNS, {"name": 5}, "body.name", "Input should be a valid string"),
        (PATTERNS, {"name": None}, "body.name", "Input should be a valid string"),
        (PATTERNS, {"name": "x" * 257}, "body.name", "at most 256 characters"),
        (PATTERNS, {"name": "x", "nmae": 1}, "body.nmae", "nmae is not a field of this body"),
        (PATTERNS, {"name": "x", "tags": "a"}, "body.tags", "valid tuple"),
        (PATTERNS, {"name": "x", "tags": [1]}, "body.tags.0", "valid string"),
        (PATTERNS, {"name": "x", "isPublic": "true"}, "body.isPublic", "valid boolean"),
        (PATTERNS, {"name": "x", "graphData": []}, "body.graphData", "valid dictionary"),
        (
            PATTERNS,
            {"name": "x", "graphData": {"nodes": [{"id": "a b", "type": "Log"}]}},
            "body.graphData.nodes.0.id",
            "match pattern",
        ),
        (
            PATTERNS,
            {"name": "x", "graphData": {"nodes": [node | {"position": {"x": "1"}}]}},
            "body.graphData.nodes.0.position.x",
            "valid number",
        ),
        (
            PATTERNS,
            {"name": "x", "graphData": {"edges": [{"source": "a", "target": "b"}]}},
            "body.graphData.edges.0.sourceHandle",
            "sourceHandle is required",
        ),
        (
            PATTERNS,
            {"name": "x", "graphData": {"variables": [{"name": "v", "type": "Strin"}]}},
            "body.graphData.variables.0.type",
            "'String'",
        ),
        (PATTERNS, [], "body", "valid dictionary"),
        (PATTERNS, "text", "body", "valid dictionary"),
        (PATTERNS, {"name": "x", "tags": DEEP}, "body", "deeper than 64"),
        (DEPLOY, {}, "body.nodeDefinitions", "nodeDefinitions is required"),
        (DEPLOY, {"nodeDefinitions": []}, "body.nodeDefinitions", "valid dictionary"),
        (
            DEPLOY,
            {"nodeDefinitions": {}, "environmentId": 7},
            "body.environmentId",
            "valid string",
        ),
        (DEPLOY, {"nodeDefinitions": {}, "force": True}, "body.force", "not a field"),
        (EXECUTE, {"eventData": []}, "body.eventData", "valid dictionary"),
        (EXECUTE, {"event": {}}, "body.event", "not a field"),
    ]


@pytest.mark.parametrize(("path", "body", "place", "message"), _bodies())
async def test_a_wrong_body_is_400_and_says_where(
    door: Door, path: str, body: Any, place: str, message: str
) -> None:
    """VALIDATION with a path; nothing is written."""
    answer = await door.call("POST", path, body)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert any(d["path"] == place and message in d["message"] for d in error["details"]), error
    assert door.cluster.writes == []


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b'{"name": NaN}', b"\xff", b'"\\ud800"'])
async def test_a_body_that_is_not_json_is_400(door: Door, body: bytes) -> None:
    """Also what lenient parsers would take."""
    headers = {"Content-Type": "application/json"}

    answer = await door.call("POST", PATTERNS, content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["path"] == "body"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
async def test_a_body_that_says_that_it_is_no_json_is_415(door: Door, kind: str) -> None:
    """A form of another site can send these, JSON it cannot."""
    answer = await door.call(
        "POST", PATTERNS, content=b'{"name": "x"}', headers={"Content-Type": kind}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


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


async def test_a_pattern_that_cannot_be_stored_is_413(door: Door) -> None:
    """A resource holds a million bytes."""
    nodes = [{"id": "a", "type": "Log", "data": {"values": {"message": "x" * 1_000_000}}}]

    answer = await door.call("POST", PATTERNS, {"name": "x", "graphData": {"nodes": nodes}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")
    assert door.cluster.writes == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/deployments?page=0", "query.page"),
        ("/api/deployments?page=x", "query.page"),
        ("/api/deployments?limit=0", "query.limit"),
        ("/api/deployments?limit=101", "query.limit"),
        ("/api/deployments?offset=-1", "query.offset"),
        ("/api/deployments?page=1&offset=0", "query.offset"),
        ("/api/deployments?status=running", "query.status"),
        ("/api/patterns?sortBy=size", "query.sortBy"),
        ("/api/patterns?sortOrder=up", "query.sortOrder"),
        ("/api/patterns?isPublic=perhaps", "query.isPublic"),
        ("/api/deployments/dep_a/runs?status=done", "query.status.enum"),
        ("/api/deployments/dep_a/runs?triggeredBy=me", "query.triggeredBy"),
    ],
)
async def test_a_wrong_query_is_400_and_says_which_word(door: Door, path: str, place: str) -> None:
    """The path begins with query."""
    answer = await door.call("GET", path)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert error["details"][0]["path"].startswith(place.removesuffix(".enum"))


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/patterns/pat_none", "PATTERN_NOT_FOUND"),
        ("PUT", "/api/patterns/pat_none", "PATTERN_NOT_FOUND"),
        ("DELETE", "/api/patterns/pat_none", "PATTERN_NOT_FOUND"),
        ("GET", "/api/patterns/UPPER", "PATTERN_NOT_FOUND"),
        ("GET", "/api/patterns/pat_none/deployment", "PATTERN_NOT_FOUND"),
        ("DELETE", "/api/patterns/pat_none/deploy", "PATTERN_NOT_FOUND"),
        ("GET", "/api/deployments/dep_none", "DEPLOYMENT_NOT_FOUND"),
        ("GET", "/api/deployments/dep_..%2Fsecrets", "NOT_FOUND"),
        ("GET", "/api/deployments/" + "x" * 300, "DEPLOYMENT_NOT_FOUND"),
        ("DELETE", "/api/deployments/dep_none", "DEPLOYMENT_NOT_FOUND"),
        ("POST", "/api/deployments/dep_none/execute", "DEPLOYMENT_NOT_FOUND"),
        ("POST", "/api/deployments/dep_none/pause", "DEPLOYMENT_NOT_FOUND"),
        ("GET", "/api/deployments/dep_none/webhook", "DEPLOYMENT_NOT_FOUND"),
        ("GET", "/api/deployments/dep_none/runs", "DEPLOYMENT_NOT_FOUND"),
        ("GET", "/api/runs/run_none", "RUN_NOT_FOUND"),
        ("GET", "/api/runs/'; drop table runs", "RUN_NOT_FOUND"),
        ("GET", "/api/nodes/NoSuchNode", "NOT_FOUND"),
        ("GET", "/api/nothing", "NOT_FOUND"),
        ("GET", "/", "NOT_FOUND"),
        ("PATCH", "/api/patterns/pat_a", "NOT_FOUND"),
        ("GET", "/api/patterns/pat_a/versions", "NOT_FOUND"),
        ("GET", "/api/patterns/", "NOT_FOUND"),
        ("POST", "/webhooks/whk_none", "NOT_FOUND"),
        ("GET", "/api/webhooks/whk_none", "NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_404_with_its_code(
    door: Door, method: str, path: str, code: str
) -> None:
    """Routes that do not exist yet are no different from those that never will."""
    body = {"name": "x"} if method == "PUT" else None

    answer = await door.call(method, path, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
    assert door.cluster.writes == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/deployments/dep_none", "Deployment 'dep_none' does not exist"),
        ("/api/patterns/pat_none", "Pattern 'pat_none' does not exist"),
        ("/api/runs/run_none", "Run 'run_none' does not exist"),
        ("/api/nodes/None", "Node 'None' does not exist"),
    ],
)
async def test_what_is_missing_is_called_by_its_id(door: Door, path: str, message: str) -> None:
    """Names of resources are for those who use kubectl."""
    answer = await door.call("GET", path)

    assert answer.json()["error"]["message"] == message


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


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", "Bearer wrong", f"{TOKEN}"]
)
async def test_a_token_that_is_none_is_401(door: Door, header: str) -> None:
    """Whatever stands in the header."""
    answer = await door.http.get(PATTERNS, headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
