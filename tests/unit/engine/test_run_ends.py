"""How a run ends that a node ends, and what is done when one fails."""

from itertools import pairwise
from typing import Any

import orjson
import pytest

from support.engine_in_process import Serve
from support.folder import SignedFolder


def pattern_of(*nodes: tuple[str, str, dict[str, Any]], mode: str = "Immediate") -> dict[str, Any]:
    """A webhook's nodes, each hanging on the one before."""
    ids = ["hook", *(id_ for id_, _, _ in nodes)]
    return {
        "nodes": [
            {"id": "hook", "type": "OnWebhook", "values": {"responseMode": mode}},
            *({"id": id_, "type": type_, "values": values} for id_, type_, values in nodes),
        ],
        "wires": [{"from": f"{a}.exec", "to": f"{b}.exec"} for a, b in pairwise(ids)],
    }


@pytest.mark.parametrize(
    ("values", "status", "error"),
    [
        ({"message": "done"}, "completed", None),
        (
            {"message": "enough", "status": "failed"},
            "failed",
            {"type": "StopRun", "message": "enough"},
        ),
    ],
)
async def test_stop_run_is_recorded_with_its_status(
    values: dict[str, Any], status: str, error: Any, folder: SignedFolder, serve: Serve
) -> None:
    """Its message is the error message of a run that it lets fail."""
    folder.deploy(pattern_of(("stop", "StopRun", values)))
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    assert (end.status, orjson.loads(end.error or "null")) == (status, error)


async def test_on_error_answers_a_sender_who_waits(folder: SignedFolder, serve: Serve) -> None:
    """As nothing has answered yet; the run fails all the same."""
    made = pattern_of(("bad", "ThrowError", {"message": "no"}), mode="ResponseNode")
    made["nodes"] += [
        {"id": "failed", "type": "OnError"},
        {"id": "sorry", "type": "RespondToWebhook", "values": {"statusCode": 502}},
    ]
    made["wires"] += [
        {"from": "failed.exec", "to": "sorry.exec"},
        {"from": "failed.message", "to": "sorry.body"},
    ]
    folder.deploy(made)
    async with serve() as served:
        answer = await served.post()
        end = await served.recorder.ended(answer.headers["x-dragops-run-id"])

    assert (answer.status_code, answer.text, end.status) == (502, "no", "failed")


async def test_an_event_that_reaches_nobody_is_a_failure(
    folder: SignedFolder, serve: Serve
) -> None:
    """Who publishes an event goes on when it is kept, and nothing keeps events yet."""
    emit = ("emit", "EmitEvent", {"topic": "orders/paid", "payload": {"id": 7}})
    folder.deploy(pattern_of(emit))
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    error = orjson.loads(end.error or "")
    assert (end.status, error["type"], error["nodeId"]) == ("failed", "CallError", "emit")
    told = "no events are delivered yet: call the pattern that wants it with Call Pattern"
    assert error["message"] == f"the event orders/paid reaches nobody: {told}"
