"""Starts a run of a deployment by hand, and says how it went."""

from typing import Any

from dragops.errors import BadInput, Conflict, Unreachable
from dragops.history.records import RunRecord
from dragops.model.ids import id_of
from dragops_api.auth import Ask
from dragops_api.deployments import Deployments
from dragops_api.engines import THE_ENGINE, Engines, Reply
from dragops_api.errors import NotLive, NotPossible
from dragops_api.runs import refuse_unfinished
from dragops_api.schemas.deployments import ExecuteOut, RetryOut
from dragops_api.schemas.runs import error_of
from dragops_api.transitions import refuse_to_execute, why_not_ready

Object = dict[str, Any]


class Execution:
    """Hands an event to an engine."""

    def __init__(self, deployments: Deployments, engines: Engines) -> None:
        self._deployments, self._engines = deployments, engines

    async def execute(
        self, ask: Ask, id_: str, event_data: Object, *, wait: int
    ) -> tuple[ExecuteOut, int]:
        """Run a deployment; give the run and the HTTP status: 200 when it has ended, else 202."""
        return await self._run(ask, id_, {"nodeId": None, "event": event_data}, wait)

    async def retry(self, ask: Ask, run: RunRecord, *, wait: int) -> tuple[RetryOut, int]:
        """Run the event of an ended run again, at its trigger, on the version that is live now."""
        refuse_unfinished(run)
        order = {"nodeId": run.node_id, "event": run.event_data, "retryOf": run.id}
        told, status = await self._run(ask, id_of(run.deployment), order, wait)
        return RetryOut(**told.model_dump(exclude_unset=True), retry_of=run.id), status

    async def _run(self, ask: Ask, id_: str, order: Object, wait: int) -> tuple[ExecuteOut, int]:
        deployment = await self._deployments.get(ask, id_)
        refuse_to_execute(deployment)
        name = deployment["metadata"]["name"]
        whole = {"deployment": name, "waitSeconds": wait} | order
        reply = await self._engines.execute(ask.workspace, whole)
        if reply.status == 404:
            raise NotLive(f"No engine has the deployment: {why_not_ready(deployment)}")
        return answer_of(reply), reply.status


def answer_of(reply: Reply) -> ExecuteOut:
    """Read an engine's answer; raise what it refuses with."""
    code = str(reply.data.get("code", ""))
    if code == "NO_SUCH_TRIGGER":
        raise Conflict("The version that is live has no such trigger any more")
    if reply.status == 409:
        raise NotPossible(code, f"The engine says that the deployment is {code.lower()}")
    if reply.status == 400:
        raise BadInput("eventData", _message(reply))
    if reply.status == 503 and code == "STORE_UNAVAILABLE":
        raise Unreachable("the run store", "an engine could not record the run")
    if reply.status not in {200, 202}:
        raise Unreachable(THE_ENGINE, f"it answered {reply.status} {code}")
    given = {"run_id": reply.data["runId"], "status": reply.data["status"]}
    error = error_of(reply.data.get("error"))
    return ExecuteOut(**given, error=error) if error else ExecuteOut(**given)


def _message(reply: Reply) -> str:
    error = reply.data.get("error")
    return str(error["message"]) if isinstance(error, dict) and "message" in error else "refused"
