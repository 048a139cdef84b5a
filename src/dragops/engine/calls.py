"""Pattern calls: one run calls another pattern of the workspace, in this process.

The called run is a run of its own, stored before it begins. It goes on in its caller's place: it
takes no slot of its deployment, and ends at its caller's deadline at the latest.
"""

from typing import Any

from dragops.engine.context import Call, RunContext
from dragops.engine.deployed import Deployed, Registry
from dragops.engine.intake import Intake
from dragops.engine.program import Callee
from dragops.engine.run import Outcome, Run
from dragops.errors import RunFailure, TryAgain
from dragops.model.ids import name_of, new_run_id
from dragops.model.run import RunStatus, TriggeredBy

DEPTH_MAX = 16


class Calls:
    """Finds what is called among the deployments of this engine, and runs it."""

    def __init__(self, registry: Registry, intake: Intake) -> None:
        self._registry, self._intake = registry, intake

    async def call(self, caller: RunContext, call: Call) -> dict[str, Any]:
        """Run a pattern to its end and give what it returned; raises a CallError."""
        if caller.run.depth >= DEPTH_MAX:
            raise _refused(call, f"calls nest {DEPTH_MAX} deep at most")
        deployed, callee = self._found(call)
        run = _run(deployed, callee, call, caller.run)
        try:
            outcome, context = await self._intake.call(run, caller)
        except TryAgain as exc:
            raise _refused(call, "its run cannot be stored now") from exc
        caller.learn(context.mask)
        if outcome.status is RunStatus.COMPLETED:
            return context.given or {}
        if outcome.status is RunStatus.TIMEOUT and context.deadline >= caller.deadline:
            raise caller.too_late()
        raise _failed(call, run, outcome)

    def _found(self, call: Call) -> tuple[Deployed, Callee]:
        deployed = _chosen(call, self._registry.of_pattern(call.pattern))
        if deployed.live.state != "active" or deployed.program is None:
            raise _refused(call, f"it is {deployed.live.state}")
        callee = deployed.program.callee
        if callee is None:
            raise _refused(call, "it has no On Pattern Call")
        wrong = "; ".join(callee.interface.mismatches(call.takes, call.gives))
        if wrong:
            raise _refused(call, wrong)
        return deployed, callee


def _chosen(call: Call, found: list[Deployed]) -> Deployed:
    """Choose as the API does: its own deployment of a pattern, else the only one."""
    own = [each for each in found if each.live.deployment == f"dep-{name_of(call.pattern)}"]
    if len(own or found) == 1:
        return (own or found)[0]
    if not found:
        raise _refused(call, "no pattern with this id or name is deployed in this workspace")
    names = ", ".join(sorted(each.live.deployment for each in found))
    raise _refused(call, f"it has several deployments: {names}")


def _run(deployed: Deployed, callee: Callee, call: Call, caller: Run) -> Run:
    assert deployed.program is not None  # noqa: S101  who found it has looked
    try:
        event = callee.interface.event_of(call.inputs)
    except RunFailure as exc:
        raise _refused(call, exc.message) from exc
    run = Run(new_run_id(), deployed, deployed.program, callee.trigger, TriggeredBy.PATTERN, event)
    run.parent, run.depth = caller.id, caller.depth + 1
    return run


def _refused(call: Call, reason: str) -> RunFailure:
    return RunFailure("CallError", f"the pattern {call.pattern!r} cannot be called: {reason}")


def _failed(call: Call, run: Run, outcome: Outcome) -> RunFailure:
    inner = {"type": str(outcome.status), "message": ""} | (outcome.error or {})
    message = f"the pattern {call.pattern!r} {_ENDS.get(outcome.status, 'failed')} (run {run.id})"
    return RunFailure("CallError", f"{message}: {inner['message']}", inner)


_ENDS = {RunStatus.TIMEOUT: "took too long", RunStatus.CANCELLED: "was cancelled"}
