"""Runs in a store, as a recorder has written them."""

from collections.abc import Mapping
from typing import Any

import orjson

from dragops.history.batch import Accept, Batch, Finish
from dragops.history.database import writing
from dragops.history.store import RunStore
from support.api_door import Door

FAILURE = {"type": "ParseError", "message": "not JSON", "nodeId": "parse", "line": 7}


def seed_run(door: Door, deployment: str, number: int, **told: Any) -> str:
    """Store a run of a deployment; without ``status`` it has not ended. Give its id."""
    name, run = deployment.replace("_", "-", 1), f"run_{number:032x}"
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    began = number * 1000
    event = orjson.dumps(told.get("event", {})).decode()
    accept = Accept(run, uid, name, "hook", "webhook", 1, True, began, None, False, event)
    finishes = [_finish(run, began, told)] if "status" in told else []
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", Batch([accept], [], finishes))])
    return run


def _finish(run: str, began: int, told: Mapping[str, Any]) -> Finish:
    error = orjson.dumps(FAILURE).decode() if told["status"] == "failed" else None
    log = orjson.dumps([[began + 5, level, "log", text] for level, text in told.get("log", ())])
    return Finish(run, told["status"], began + 320, error, log.decode(), 0, None)
