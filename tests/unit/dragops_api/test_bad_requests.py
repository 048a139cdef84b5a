"""Bad requests, one exact answer each; nothing is written, and the server goes on.

The rows are in tests/data/bad_requests, and ``support.bad_requests`` says how they are written.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from support.api_door import TOKEN, Door, open_door
from support.bad_requests import BadRequest, bad_requests
from support.product import LOGGER, graph

ROWS = bad_requests()
TICKING = graph(
    {"tick": ("OnSchedule", {"schedule": "* * * * *"}), "log": ("Log", {})},
    "tick.exec -> log.exec",
)


@dataclass
class There:
    """One door for all rows, and the ids of what is behind it."""

    door: Door
    ids: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[There]:
    """A pattern that is deployed, deployments in each state, and an Environment."""
    async with open_door(tmp_path_factory.mktemp("bad")) as door:
        pattern, deployment = await door.deployed(LOGGER, "Good")
        _, paused = await door.deployed(LOGGER, "Paused")
        off, undeployed = await door.deployed(LOGGER, "Off")
        await door.data("POST", f"/api/deployments/{paused}/pause")
        await door.data("DELETE", f"/api/patterns/{off}/deploy")
        _, scheduled = await door.deployed(TICKING, "Scheduled")
        environment = (await door.data("POST", "/api/environments", {"name": "Real"}))["id"]
        ids = {"pattern": pattern, "deployment": deployment, "paused": paused}
        ids |= {"undeployed": undeployed, "scheduled": scheduled, "environment": environment}
        yield There(door, ids)


@pytest.mark.parametrize("bad", ROWS, ids=str)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_bad_request_has_one_exact_answer(there: There, bad: BadRequest) -> None:
    """Status, code, message and details; and the next good call is served."""
    before, bad = list(there.door.cluster.writes), bad.about(there.ids)

    answer = await there.door.http.request(
        bad.method, bad.path, headers=bad.headers(TOKEN), content=bad.content
    )

    assert answer.headers["Content-Type"] == "application/json"
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == bad.answer, error
    assert error.get("details", []) == bad.details
    assert error["message"] in bad.messages
    assert there.door.cluster.writes == before
    assert (await there.door.call("GET", "/api/patterns")).status_code == 200


def test_there_are_rows_enough_and_none_is_there_twice() -> None:
    """Each says something that no other row says."""
    sent = [repr(sorted((k, repr(v)) for k, v in r.row.items() if k != "what")) for r in ROWS]

    assert len(ROWS) >= 300
    assert len(set(sent)) == len(sent)
    assert len({str(row) for row in ROWS}) == len(ROWS)
