"""Pattern calls: one run calls another pattern of the workspace, in this process.

The called run is a run of its own, stored before it begins. It goes on in its caller's place: it
takes no slot of its deployment, and ends at its caller's deadline at the latest.
"""

from typing import Any, NamedTuple

from dragops.engine.context import Call, Caller, RunContext
from dragops.engine.deployed import Deployed, Registry
from dragops.engine.encoding import encoded
from dragops.engine.intake import Intake
from dragops.engine.masking import Mask
from dragops.engine.program import Callee
from dragops.engine.run import Outcome, Run
from dragops.errors import RunFailure, TryAgain
from dragops.model.ids import RunId, new_run_id
from dragops.model.run import RunStatus, TriggeredBy

DEPTH_MAX = 16


class Called(NamedTuple):
    """A called run that has ended."""

    run_id: RunId
    outcome: Outcome
    returned: dict[str, Any]
    has_used_up: bool
    """Whether it had as much time as its caller, and has used it up."""
    mask: Mask


class LocalCalls:
    """Finds what is called among the deployments of this engine, and runs it."""

    def __init__(self, registry: Registry, intake: Intake) -> None:
        self._registry, self._intake = registry, intake

    async def call(self, caller: RunContext, call: Call) -> dict[str, Any]:
        """Run a pattern to its end and give what it returned; raises a CallError."""
        return result_of(await self.carry_out(call, caller.as_caller()), caller, call)

    async def carry_out(self, call: Call, caller: Caller) -> Called:
        """Run a pattern to its end, whatever that is; raises a CallError when it cannot begin."""
        if caller.depth >= DEPTH_MAX:
            raise refused(call, f"calls nest {DEPTH_MAX} deep at most")
        deployed, callee = self._found(call)
        run = _run(deployed, callee, call, caller)
        event, most = encoded(caller.mask.value(run.event)), deployed.live.limits.max_event_bytes
        if len(event.encode()) > most:
            raise refused(call, f"its parameters take more than {most} bytes")
        try:
            outcome, context = await self._intake.call(run, caller, event=event)
        except TryAgain as exc:
            raise refused(call, "its run cannot be stored now") from exc
        is_late = outcome.status is RunStatus.TIMEOUT and context.deadline >= caller.deadline
        return Called(run.id, outcome, context.given or {}, is_late, context.mask)

    def _found(self, call: Call) -> tuple[Deployed, Callee]:
        deployed = _chosen(call, self._registry.of_pattern(call.pattern))
        if deployed.state != "active" or deployed.program is None:
            raise refused(call, f"it is {deployed.state}")
        callee = deployed.program.callee
        if callee is None:
            raise refused(call, "it has no On Pattern Call")
        wrong = "; ".join(callee.interface.mismatches(call.takes, call.gives))
        if wrong:
            raise refused(call, wrong)
        return deployed, callee


def result_of(called: Called, caller: RunContext, call: Call) -> dict[str, Any]:
    """Give what a called run returned; raises what its end means for its caller."""
    caller.learn(called.mask)
    if called.outcome.status is RunStatus.COMPLETED:
        return called.returned
    if called.has_used_up:
        raise caller.too_late()
    raise _failed(call, called)


def refused(call: Call, reason: str) -> RunFailure:
    """Say why a pattern cannot be called."""
    return RunFailure("CallError", f"the pattern {call.pattern!r} cannot be called: {reason}")


def _chosen(call: Call, found: list[Deployed]) -> Deployed:
    """Choose as the API does: its own deployment of a pattern, else the only one."""
    own = [each for each in found if each.live.deployment == f"dep-{each.live.pattern}"]
    if len(own or found) == 1:
        return (own or found)[0]
    if not found:
        raise refused(call, "no pattern with this id or name is deployed in this workspace")
    names = ", ".join(sorted(each.live.deployment for each in found))
    raise refused(call, f"it has several deployments: {names}")


def _run(deployed: Deployed, callee: Callee, call: Call, caller: Caller) -> Run:
    assert deployed.program is not None  # noqa: S101  who found it has looked
    try:
        read = callee.interface.event_in_json if call.in_json else callee.interface.event_of
        event = read(call.inputs)
    except RunFailure as exc:
        raise refused(call, exc.message) from exc
    run = Run(new_run_id(), deployed, deployed.program, callee.trigger, TriggeredBy.PATTERN, event)
    run.parent, run.depth = caller.run_id, caller.depth + 1
    return run


def _failed(call: Call, called: Called) -> RunFailure:
    outcome = called.outcome
    inner = {"type": str(outcome.status), "message": ""} | (outcome.error or {})
    message = (
        f"the pattern {call.pattern!r} {_ENDS.get(outcome.status, 'failed')} (run {called.run_id})"
    )
    return RunFailure("CallError", f"{message}: {inner['message']}", inner)


_ENDS = {RunStatus.TIMEOUT: "took too long", RunStatus.CANCELLED: "was cancelled"}
