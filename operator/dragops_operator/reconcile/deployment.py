"""The decision about one deployment: what was observed in, everything to write out. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from dragops.model.bundle import Live, ProgramPointer
from dragops.model.condition import Condition, Status, is_true, set_conditions
from dragops.model.deployment import (
    VERSIONS_KEPT,
    DeploymentStatus,
    EnvironmentInForce,
    ProgramStatus,
    ScheduleStatus,
    State,
    VersionStatus,
    WebhookStatus,
)
from dragops.model.pattern import TriggerStatus
from dragops_operator.facts import Facts
from dragops_operator.reconcile import conditions
from dragops_operator.reconcile.breaker import resumed_after, tripped
from dragops_operator.reconcile.conditions import Waiting
from dragops_operator.reconcile.drift import covers
from dragops_operator.reconcile.endpoints import keys_after
from dragops_operator.reconcile.environment import surroundings
from dragops_operator.reconcile.live import live_after
from dragops_operator.reconcile.observed import Observed, Plan
from dragops_operator.reconcile.release import (
    Attempt,
    attempt,
    compiled,
    definitions_in,
    is_gone,
    is_lost,
    is_pinned,
    is_waiting_for_pattern,
    next_pointer,
    source_of,
    wanted,
)
from dragops_operator.reconcile.schedules import faults_in, held_seconds
from dragops_operator.resources.bundle import live_config_map, program_config_map
from dragops_operator.resources.cron_job import cron_job
from dragops_operator.resources.endpoints import endpoints_secret
from dragops_operator.resources.names import cron_job_name
from dragops_operator.resources.owned import Object
from dragops_operator.resources.webhook_service import webhook_service

_LATE = Waiting("WaitingForPattern", "waiting for the state of the pattern that the release names")
_PASSING = {"PatternMissing", "Pinned", "VersionGone"}
"""Reasons of Compiled that end with what has caused them."""


def plan_deployment(observed: Observed, facts: Facts) -> Plan:
    """Decide everything about one deployment; the caller only carries it out."""
    if observed.deployment.metadata.namespace not in facts.workspaces:
        namespace = observed.deployment.metadata.namespace
        return Plan(_stamped(observed, {}, conditions.outside_workspace(namespace)))
    tried = attempt(observed) or _restored(observed)
    pointer = _pointer(observed, tried)
    if pointer is None or _waits_for_environment(observed):
        return Plan(_without_version(observed, tried))
    live = _live(observed, tried, pointer, facts)
    children = tuple(_children(observed, live, facts))
    held = _held(observed, live, children)
    applies = tuple(
        child
        for child in children
        if child["metadata"]["name"] not in held and not _is_there(observed, child)
    )
    creates = _programs(observed, tried, pointer)
    status = _status(observed, tried, live, facts, is_held=bool(held))
    waits = not is_true(status.conditions, "Registered")
    told = replace(observed, confirmed_serial=live.serial)
    return Plan(
        status=status,
        creates=creates,
        applies=applies,
        orphans=_orphans(observed, live),
        deletes=_too_old(observed, status),
        waits=waits,
        obeyed=_status(told, tried, live, facts, is_held=bool(held)) if waits else None,
        again_in_seconds=min(held.values(), default=None),
    )


def refused(observed: Observed, message: str) -> DeploymentStatus:
    """Give the status when the API server turned a child down: nothing gets better by itself."""
    old = {c.type: c for c in observed.deployment.status.conditions}
    words: dict[str, Status] = {"Ready": "False", "Stalled": "True", "Reconciling": "False"}
    parts = [
        conditions.condition(type_, status=word, reason="ChildRejected", message=message[:1000])
        for type_, word in words.items()
    ]
    return _stamped(observed, {}, list((old | {c.type: c for c in parts}).values()))


def _restored(observed: Observed) -> Attempt | None:
    """Compile a lost program again, if its pattern still is what it was made from."""
    pattern, status = observed.pattern, observed.deployment.status
    if pattern is None or not is_lost(observed):
        return None
    if source_of(pattern, definitions_in(observed)) != status.source:
        return None
    return compiled(observed, pattern)


def _waits_for_environment(observed: Observed) -> bool:
    """Say whether the first version has to wait; what is live goes on with what it has."""
    return observed.live is None and surroundings(observed).is_wanting


def _pointer(observed: Observed, tried: Attempt | None) -> ProgramPointer | None:
    if tried and tried.program:
        return next_pointer(observed, tried.program)
    return wanted(observed)


def _live(observed: Observed, tried: Attempt | None, pointer: ProgramPointer, facts: Facts) -> Live:
    manifest = tried.program.manifest if tried and tried.program else observed.manifest
    if manifest is None:
        title = observed.live.title if observed.live else ""
        return live_after(observed, pointer, None if observed.live else (), title, facts)
    return live_after(observed, pointer, manifest.triggers, manifest.title, facts)


def _children(observed: Observed, live: Live, facts: Facts) -> list[Object]:
    owner = observed.deployment.metadata
    children = []
    if live.endpoints and observed.is_secret_seen:
        keys = keys_after(observed, [endpoint.node_id for endpoint in live.endpoints])
        children.append(endpoints_secret(owner, keys))
    if live.endpoints:
        children.append(webhook_service(owner))
    children.append(live_config_map(owner, live, facts.sign(live)))
    children += [
        cron_job(owner, schedule, program, live, facts)
        for schedule in live.schedules
        if (program := live.program)
    ]
    return children


def _held(observed: Observed, live: Live, children: Iterable[Object]) -> dict[str, float]:
    """Give the CronJobs that keep their old rule for some seconds, by name."""
    uid = observed.deployment.metadata.uid
    schedules = {cron_job_name(uid, each.node_id): each for each in live.schedules}
    there = {c["metadata"]["name"]: c for c in observed.children if c["kind"] == "CronJob"}
    held = {
        name: held_seconds(there.get(name), child, schedules[name], observed.now)
        for child in children
        if child["kind"] == "CronJob" and (name := child["metadata"]["name"])
    }
    return {name: seconds for name, seconds in held.items() if seconds is not None}


def _is_there(observed: Observed, wanted: Object) -> bool:
    return any(
        covers(there, wanted)
        for there in observed.children
        if (there["kind"], there["metadata"]["name"])
        == (wanted["kind"], wanted["metadata"]["name"])
    )


def _programs(
    observed: Observed, tried: Attempt | None, pointer: ProgramPointer
) -> tuple[Object, ...]:
    if not (tried and tried.program) or pointer.config_map in {p.name for p in observed.programs}:
        return ()
    return (program_config_map(observed.deployment.metadata, pointer.version, tried.program),)


def _orphans(observed: Observed, live: Live) -> tuple[Object, ...]:
    uid = observed.deployment.metadata.uid
    wanted = {cron_job_name(uid, schedule.node_id) for schedule in live.schedules}
    return tuple(
        child
        for child in observed.children
        if child["kind"] == "CronJob" and child["metadata"]["name"] not in wanted
    )


def _too_old(observed: Observed, status: DeploymentStatus) -> tuple[str, ...]:
    kept = {version.config_map for version in status.versions}
    return tuple(sorted(p.name for p in observed.programs if p.name not in kept))


def _without_version(observed: Observed, tried: Attempt | None) -> DeploymentStatus:
    status = observed.deployment.status
    failed = tried.program is None if tried else status.state == "failed" or is_gone(observed)
    is_undeployed = observed.deployment.spec.state is State.UNDEPLOYED
    parts = [] if is_undeployed else [*_environment(observed), _compiled(observed, tried)]
    waiting = _waiting(observed)
    word = "undeployed" if is_undeployed else "failed" if failed and not waiting else "pending"
    # what compiles is attempted again once its Environment is there
    changed = {"state": word} | (_attempted(tried) if failed else {})
    return _stamped(observed, changed, conditions.summary(parts, waiting))


def _waiting(observed: Observed) -> Waiting | None:
    is_undeployed = observed.deployment.spec.state is State.UNDEPLOYED
    if is_undeployed or not is_waiting_for_pattern(observed):
        return None
    if observed.pattern is not None:
        return _LATE
    name = observed.deployment.spec.pattern_ref.name
    return Waiting("PatternMissing", f"there is no pattern {name} in this namespace yet: apply it")


def _compiled(observed: Observed, tried: Attempt | None) -> Condition:
    status, pin = observed.deployment.status, observed.deployment.spec.version
    before = next((c for c in status.conditions if c.type == "Compiled"), None)
    lost = is_lost(observed) and not (tried and tried.program)
    if pin is not None and not lost:
        kept = [version.number for version in status.versions]
        return conditions.pinned(pin, kept, is_gone=is_gone(observed))
    has_changed = bool(tried) or lost or observed.pattern is None
    if before is not None and before.reason not in _PASSING and not has_changed:
        return before
    faults = tried.faults if tried else () if status.program else None
    return conditions.compiled(faults, is_missing=observed.pattern is None, is_lost=lost)


def _environment(observed: Observed) -> list[Condition]:
    told = surroundings(observed).condition
    return [told] if told else []


def _attempted(tried: Attempt | None) -> dict[str, object]:
    return {"attempted_source": tried.source, "release": tried.release} if tried else {}


def _status(
    observed: Observed, tried: Attempt | None, live: Live, facts: Facts, *, is_held: bool
) -> DeploymentStatus:
    old, pointer = observed.deployment.status, live.program
    assert pointer is not None  # noqa: S101  (for the type: a bundle without program is not made)
    was = old.serial == live.serial and is_true(old.conditions, "Registered")
    is_registered = was or observed.confirmed_serial >= live.serial > 0
    parts = [
        *_environment(observed),
        _compiled(observed, tried),
        conditions.registered(is_registered=is_registered, serial=live.serial),
    ]
    if live.schedules:
        faults = faults_in(observed.deployment.spec.schedules, live.schedules)
        is_active = live.state == "active"
        parts.append(conditions.scheduled(faults, is_active=is_active, is_held=is_held))
    changed: dict[str, object] = {
        "serial": live.serial,
        "resumed": resumed_after(observed),
        "version_number": pointer.version,
        "program": ProgramStatus(config_map=pointer.config_map, digest=pointer.digest),
        "versions": _versions(observed, pointer, tried),
        "webhooks": _webhooks(live, facts),
        "schedules": _schedules(observed, live),
        "environment": _in_force(live),
    }
    if is_registered and not was:
        changed["confirmed_at"] = observed.now
    manifest = tried.program.manifest if tried and tried.program else observed.manifest
    if tried and tried.program:
        changed["source"] = tried.source
    elif is_pinned(observed) and not is_gone(observed):
        # what is compiled next, once the pin is gone, is measured by this
        changed |= dict.fromkeys(("source", "attempted_source"), _source_of_live(old, pointer))
    if manifest is not None:
        triggers = manifest.triggers
        changed["triggers"] = tuple(TriggerStatus(type=t.type, node_id=t.node_id) for t in triggers)
    confirmed = changed.get("confirmed_at", old.confirmed_at)
    changed["state"] = live.state if confirmed else "pending"
    # a live version goes on without its pattern; a release that is to come is waited for
    waiting = _waiting(observed) if observed.pattern else None
    summary = conditions.summary(parts, waiting, tripped(observed))
    return _stamped(observed, changed | _attempted(tried), summary)


def _source_of_live(old: DeploymentStatus, pointer: ProgramPointer) -> str | None:
    sources = {version.config_map: version.source for version in old.versions}
    return sources.get(pointer.config_map)


def _versions(
    observed: Observed, pointer: ProgramPointer, tried: Attempt | None
) -> tuple[VersionStatus, ...]:
    known = [v for v in observed.deployment.status.versions if v.number != pointer.version]
    mine = next(
        (v for v in observed.deployment.status.versions if v.config_map == pointer.config_map),
        VersionStatus(
            number=pointer.version,
            config_map=pointer.config_map,
            digest=pointer.digest,
            created_at=observed.now,
            source=tried.source if tried and tried.program else None,
        ),
    )
    return tuple(sorted([mine, *known], key=lambda v: -v.number)[:VERSIONS_KEPT])


def _webhooks(live: Live, facts: Facts) -> tuple[WebhookStatus, ...]:
    return tuple(
        WebhookStatus(
            node_id=endpoint.node_id,
            endpoint_id=endpoint.endpoint_id,
            webhook_id=endpoint.webhook_id,
            alias=endpoint.alias,
            url=f"{facts.public_url}/webhooks/{endpoint.webhook_id}",
            secret_name=endpoint.secret_name,
        )
        for endpoint in live.endpoints
    )


def _schedules(observed: Observed, live: Live) -> tuple[ScheduleStatus, ...]:
    uid = observed.deployment.metadata.uid
    return tuple(
        ScheduleStatus(
            node_id=schedule.node_id,
            cron_expression=schedule.cron_expression,
            timezone=schedule.timezone,
            cron_job=cron_job_name(uid, schedule.node_id),
            since=schedule.not_before,
        )
        for schedule in live.schedules
    )


def _in_force(live: Live) -> EnvironmentInForce | None:
    known = live.environment
    return EnvironmentInForce(name=known.name, secret_name=known.secret_name) if known else None


def _stamped(
    observed: Observed, changed: dict[str, object], parts: list[Condition]
) -> DeploymentStatus:
    old, generation = observed.deployment.status, observed.deployment.metadata.generation
    dated = [part.model_copy(update={"observed_generation": generation}) for part in parts]
    stamped = set_conditions(old.conditions, dated, now=observed.now)
    update = changed | {"conditions": stamped, "observed_generation": generation}
    return old.model_copy(update=update)
