"""The door to the API server, against an aiohttp server that plays it."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client import Configuration

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, Cluster
from dragops.cluster.transport import Transport
from dragops.errors import (
    Conflict,
    DragopsError,
    Expired,
    NotFound,
    Refused,
    Rejected,
    Unreachable,
)


class Played:
    """Answers each request with the next prepared response, and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        seen = (request.method, request.path, dict(request.query), await request.read())
        self.requests.append(seen)
        return self.answers.pop(0)

    def will_answer(self, body: Any, status: int = 200) -> None:
        self.answers.append(web.json_response(body, status=status))


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
async def cluster(played: Played) -> AsyncIterator[Cluster]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", played.answer)
    async with TestServer(app) as server:
        configuration = Configuration()
        configuration.host = str(server.make_url("")).rstrip("/")
        async with Cluster(Transport(configuration)) as cluster:
            yield cluster


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, Refused),
        (403, Refused),
        (404, NotFound),
        (409, Conflict),
        (410, Expired),
        (413, Rejected),
        (422, Rejected),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_each_refusal_becomes_an_error_of_the_domain(
    cluster: Cluster, played: Played, status: int, error: type[DragopsError]
) -> None:
    played.will_answer({"message": "because"}, status)

    with pytest.raises(error):
        await cluster.get(CONFIG_MAPS, "ns", "a")


async def test_no_server_at_all_is_unreachable() -> None:
    configuration = Configuration()
    configuration.host = "http://127.0.0.1:1"

    async with Cluster(Transport(configuration)) as cluster:
        with pytest.raises(Unreachable):
            await cluster.get(CONFIG_MAPS, "ns", "a")


async def test_a_list_follows_its_pages_and_names_the_kind(
    cluster: Cluster, played: Played
) -> None:
    first = {"resourceVersion": "7", "continue": "c1"}
    played.will_answer({"metadata": first, "items": [{"metadata": {"name": "a"}}]})
    played.will_answer({"metadata": {"resourceVersion": "7"}, "items": [{"metadata": {}}]})

    pages = [page async for page in cluster.pages(CONFIG_MAPS, "ns", label_selector="a=b")]

    assert [(len(objects), version) for objects, version in pages] == [(1, "7"), (1, "7")]
    assert pages[0][0][0]["kind"] == "ConfigMap"
    assert [query.get("continue") for _, _, query, _ in played.requests] == [None, "c1"]
    assert played.requests[0][2]["labelSelector"] == "a=b"


async def test_a_list_starts_afresh_when_its_history_is_gone(
    cluster: Cluster, played: Played
) -> None:
    first = {"resourceVersion": "7", "continue": "c1"}
    played.will_answer({"metadata": first, "items": [{"metadata": {"name": "a"}}]})
    played.will_answer({"message": "expired"}, 410)
    played.will_answer({"metadata": {"resourceVersion": "9"}, "items": [{"metadata": {}}]})

    assert len(await cluster.list(CONFIG_MAPS, "ns")) == 1


async def test_paths_follow_group_and_scope(cluster: Cluster, played: Played) -> None:
    for _ in range(3):
        played.will_answer({})

    await cluster.get(DEPLOYMENTS, "ns", "a")
    await cluster.get(NAMESPACES, None, "ns")
    await cluster.patch_status(DEPLOYMENTS, "ns", "a", {"serial": 1})

    assert [path for _, path, _, _ in played.requests] == [
        "/apis/dragops.dev/v1/namespaces/ns/patterndeployments/a",
        "/api/v1/namespaces/ns",
        "/apis/dragops.dev/v1/namespaces/ns/patterndeployments/a/status",
    ]


async def test_a_delete_can_insist_on_the_object_it_means(cluster: Cluster, played: Played) -> None:
    played.will_answer({})

    await cluster.delete(CONFIG_MAPS, "ns", "a", uid="u1", propagation="Orphan")

    assert orjson.loads(played.requests[0][3]) == {
        "propagationPolicy": "Orphan",
        "preconditions": {"uid": "u1"},
    }


async def test_a_watch_yields_lines_and_turns_its_error_into_ours(
    cluster: Cluster, played: Played
) -> None:
    lines = [
        {"type": "ADDED", "object": {"n": "x" * 3_000_000}},
        {"type": "ERROR", "object": {"code": 410, "message": "too old"}},
    ]
    played.answers.append(web.Response(body=b"\n".join(map(orjson.dumps, lines)) + b"\n"))

    watch = aiter(cluster.watch(CONFIG_MAPS, "ns", version="1"))

    assert (await anext(watch))["type"] == "ADDED"
    with pytest.raises(Expired):
        await anext(watch)
