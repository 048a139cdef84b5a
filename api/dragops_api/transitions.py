"""What each call makes of a deployment, and when the engines have obeyed: decisions, no I/O.

An edit changes the object that it is given, or raises what forbids it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from dragops.errors import Conflict
from dragops.model.condition import Condition
from dragops.model.declared import Declared, DeclaredNode
from dragops.model.deployment import PatternDeployment, Release, State
from dragops.model.ids import NAME_MAX, id_of, short_hash
from dragops_api.errors import NotKept, NotPossible
from dragops_api.etags import check_if_match
from dragops_api.tripped import close, trip_of

Object = dict[str, Any]
Edit = Callable[[Object], None]
Question = Callable[[Object], bool]
Until = Callable[[int], Question]
"""Makes of a generation the question that a call waits for."""

_HOPELESS = {"NotAWorkspace", "ChildRejected"}
"""Reasons of Stalled for which a release is not even tried."""
STATUS_WORDS = ("active", "paused", "failed", "pending", "undeployed")


def deployment_name(pattern_name: str) -> str:
    """Give the name of the deployment that REST makes of a pattern."""
    name = f"dep-{pattern_name}"
    if len(name) <= NAME_MAX:
        return name
    return f"{name[: NAME_MAX - 9].rstrip('-')}-{short_hash(pattern_name)}"


def chosen(pattern_name: str, deployments: Iterable[Object]) -> Object | None:
    """Choose the deployment that REST means, of those in the pattern's namespace."""
    theirs = [d for d in deployments if d["spec"]["patternRef"]["name"] == pattern_name]
    meant = deployment_name(pattern_name)
    for deployment in theirs:
        if deployment["metadata"]["name"] == meant:
            return deployment
    if len(theirs) > 1:
        names = ", ".join(sorted(id_of(d["metadata"]["name"]) for d in theirs))
        raise Conflict(
            f"Several deployments refer to pattern {id_of(pattern_name)!r}: {names}. "
            "Use the routes under /api/deployments/<id>."
        )
    return theirs[0] if theirs else None


def release(wanted: Release) -> Edit:
    """Make a deployment active with a new release; a pinned version is let go, a trip is over."""

    def edit(deployment: Object) -> None:
        deployment["spec"]["release"] = wanted.as_json()
        deployment["spec"]["state"] = State.ACTIVE.value
        deployment["spec"].pop("version", None)
        close(deployment, wanted.id)

    return edit


def settle_in(environment: str | None) -> Edit:
    """Have a deployment use an Environment, or none."""

    def edit(deployment: Object) -> None:
        deployment["spec"].pop("environmentRef", None)
        if environment is not None:
            deployment["spec"]["environmentRef"] = {"name": environment}

    return edit


def define(wanted: Declared) -> Edit:
    """Have a deployment bring these declarative nodes along, and no others."""

    def edit(deployment: Object) -> None:
        spec = deployment["spec"]
        known = spec.get("nodeDefinitions", {}).items()
        # what means the same stays, so that it stays with who has applied it
        if {type_: DeclaredNode.model_validate(each) for type_, each in known} == dict(wanted):
            return
        spec["nodeDefinitions"] = {type_: each.as_json() for type_, each in wanted.items()}

    return edit


def unchanged(_deployment: Object) -> None:
    """Leave a deployment as it is."""


def both(first: Edit, second: Edit) -> Edit:
    """Make two changes in one write."""

    def edit(deployment: Object) -> None:
        first(deployment)
        second(deployment)

    return edit


def pause(deployment: Object) -> None:
    """Pause; a second time is refused."""
    state = _state(deployment)
    _refuse_undeployed(state)
    if state is State.PAUSED or trip_of(deployment):
        raise NotPossible("ALREADY_PAUSED", "The deployment is already paused")
    deployment["spec"]["state"] = State.PAUSED.value


def resume(now: str) -> Edit:
    """Resume what is paused, by its owner or by its circuit breaker, and nothing else."""

    def edit(deployment: Object) -> None:
        state = _state(deployment)
        _refuse_undeployed(state)
        if state is State.PAUSED:
            deployment["spec"]["state"] = State.ACTIVE.value
        elif trip_of(deployment) is None:
            raise NotPossible("NOT_PAUSED", "The deployment is not paused")
        close(deployment, now)

    return edit


def undeploy(deployment: Object) -> None:
    """Undeploy; a second time changes nothing."""
    deployment["spec"]["state"] = State.UNDEPLOYED.value


def repush(now: str) -> Edit:
    """Push the same program to the engines again."""

    def edit(deployment: Object) -> None:
        _refuse_undeployed(_state(deployment))
        if deployment.get("status", {}).get("versionNumber") is None:
            raise NotPossible("NOT_ACTIVE", "The deployment has no version to push")
        deployment["spec"]["repush"] = now

    return edit


def renew_secret(node_id: str, *, made_for: int, grace_seconds: int) -> Edit:
    """Have a webhook's secret made anew; ``made_for`` is the number of the present one."""

    def edit(deployment: Object) -> None:
        hooks = deployment["spec"].setdefault("webhooks", [])
        hook = next((hook for hook in hooks if hook["nodeId"] == node_id), None)
        if hook is None:
            hooks.append(hook := {"nodeId": node_id})
        hook["secretRotation"] = max(made_for, hook.get("secretRotation") or 0) + 1
        hook["previousSecretSeconds"] = grace_seconds

    return edit


def roll_back(version: int) -> Edit:
    """Pin a version that is kept; a paused deployment stays paused."""

    def edit(deployment: Object) -> None:
        _refuse_undeployed(_state(deployment))
        kept = [known["number"] for known in deployment.get("status", {}).get("versions", ())]
        if version not in kept:
            raise NotKept(version, kept)
        deployment["spec"]["version"] = version

    return edit


def only_if(if_match: str | None, edit: Edit) -> Edit:
    """Make an edit that is for one state of the object only."""

    def checked(obj: Object) -> None:
        check_if_match(obj, if_match)
        edit(obj)

    return checked


def refuse_to_execute(deployment: Object) -> None:
    """Raise why a deployment cannot be executed, if it cannot."""
    state, status = _state(deployment), status_word(deployment)
    if state is State.PAUSED:
        raise NotPossible("PAUSED", "The deployment is paused and cannot execute")
    if state is State.ACTIVE and (trip := trip_of(deployment)):
        why = f"as {trip.failures} runs had failed within {trip.window_seconds} s: resume it"
        raise NotPossible("PAUSED", f"The deployment is paused and cannot execute, {why}")
    if state is State.UNDEPLOYED or status == "failed":
        raise NotPossible("NOT_ACTIVE", f"The deployment is {status} and cannot execute")


def why_not_ready(deployment: Object) -> str:
    """Say in the operator's words what a deployment waits for."""
    conditions = deployment.get("status", {}).get("conditions") or []
    ready = next((each for each in conditions if each["type"] == "Ready"), None)
    if ready is None:
        return "the operator has not seen it yet"
    if ready["status"] == "True":
        return "it is on its way"
    return str(ready.get("message") or ready["reason"])


def status_word(deployment: Object) -> str:
    """Give the state that the operator reports."""
    return str(deployment.get("status", {}).get("state") or "pending")


def has_obeyed(generation: int) -> Question:
    """Build the question whether every engine has what this generation asks for."""

    def question(deployment: Object) -> bool:
        status = PatternDeployment.of(deployment).status
        registered = _condition(status.conditions, "Registered")
        return (
            status.observed_generation >= generation
            and registered is not None
            and registered.status == "True"
            and registered.observed_generation >= generation
        )

    return question


def is_at_rest(generation: int) -> Question:
    """Build the question whether every engine has this generation, and all written since."""

    def question(deployment: Object) -> bool:
        newest = max(generation, int(deployment["metadata"]["generation"]))
        return has_obeyed(newest)(deployment)

    return question


def has_settled(generation: int) -> Question:
    """Build the question whether the last release so far has come to its end, good or bad.

    Of several deploys at once one release survives: each caller waits for that one.
    """

    def question(deployment: Object) -> bool:
        read = PatternDeployment.of(deployment)
        status, newest = read.status, max(generation, read.metadata.generation)
        if status.observed_generation < newest:
            return False
        stalled = _condition(status.conditions, "Stalled")
        is_stalled = stalled is not None and stalled.status == "True"
        if stalled is not None and is_stalled and stalled.reason in _HOPELESS:
            return True
        asked = read.spec.release.id if read.spec.release else status.release
        has_failed = status.state == "failed" or is_stalled
        return asked == status.release and (has_failed or has_obeyed(newest)(deployment))

    return question


def _state(deployment: Object) -> State:
    return State(deployment["spec"].get("state", State.ACTIVE))


def _refuse_undeployed(state: State) -> None:
    if state is State.UNDEPLOYED:
        raise NotPossible("NOT_ACTIVE", "The deployment is undeployed")


def _condition(conditions: Iterable[Condition], type_: str) -> Condition | None:
    return next((c for c in conditions if c.type == type_), None)
