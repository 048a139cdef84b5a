"""Starts a run of a deployment by hand, and says how it went."""

from typing import Any

from dragops.errors import Unreachable
from dragops_api.auth import Ask
from dragops_api.deployments import Deployments
from dragops_api.engines import THE_ENGINE, Engines, Reply
from dragops_api.errors import NotPossible
from dragops_api.schemas.deployments import ExecuteOut
from dragops_api.schemas.runs import error_of
from dragops_api.transitions import refuse_to_execute

Object = dict[str, Any]


class Execution:
    """Hands an event to an engine."""

    def __init__(self, deployments: Deployments, engines: Engines) -> None:
        self._deployments, self._engines = deployments, engines

    async def execute(
        self, ask: Ask, id_: str, event_data: Object, *, wait: int
    ) -> tuple[ExecuteOut, int]:
        """Run a deployment; give the run and the HTTP status: 200 when it has ended, else 202."""
        deployment = await self._deployments.get(ask, id_)
        refuse_to_execute(deployment)
        order = {
            "deployment": deployment["metadata"]["name"],
            "nodeId": None,
            "event": event_data,
            "waitSeconds": wait,
        }
        reply = await self._engines.execute(ask.workspace, order)
        return answer_of(reply), reply.status


def answer_of(reply: Reply) -> ExecuteOut:
    """Read an engine's answer; raise what it refuses with."""
    code = str(reply.data.get("code", ""))
    if reply.status == 409:
        raise NotPossible(code, f"The engine says that the deployment is {code.lower()}")
    if reply.status == 503 and code == "STORE_UNAVAILABLE":
        raise Unreachable("the run store", "an engine could not record the run")
    if reply.status not in {200, 202}:
        raise Unreachable(THE_ENGINE, f"it answered {reply.status} {code}")
    given = {"run_id": reply.data["runId"], "status": reply.data["status"]}
    error = error_of(reply.data.get("error"))
    return ExecuteOut(**given, error=error) if error else ExecuteOut(**given)
