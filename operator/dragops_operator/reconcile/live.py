"""What engines are told: a deployment's live bundle, and the serial that counts its changes."""

from collections.abc import Iterable

from dragops.model.bundle import Endpoint, Live, ProgramPointer
from dragops.model.program import Trigger
from dragops.model.retry import Retry
from dragops_operator.facts import Facts
from dragops_operator.reconcile.breaker import breaker_after, state_after
from dragops_operator.reconcile.endpoints import keys_after, settings_of
from dragops_operator.reconcile.environment import surroundings
from dragops_operator.reconcile.observed import Observed
from dragops_operator.reconcile.schedules import schedules_after
from dragops_operator.resources.names import secret_name

PREVIOUS_KEPT = 2


def live_after(
    observed: Observed,
    pointer: ProgramPointer,
    triggers: Iterable[Trigger] | None,
    title: str,
    facts: Facts,
) -> Live:
    """Give the bundle that should be live; its serial rises when anything in it changes.

    ``triggers`` are those of a program that was just compiled or read again; None keeps what
    the live bundle has.
    """
    old, deployment = observed.live, observed.deployment
    draft = Live(
        namespace=deployment.metadata.namespace,
        deployment=deployment.metadata.name,
        uid=deployment.metadata.uid,
        serial=old.serial if old else 0,
        state=state_after(observed),
        pattern=deployment.spec.pattern_ref.name,
        title=title,
        program=pointer,
        previous=_previous(old, pointer),
        endpoints=_endpoints(observed, triggers, facts),
        schedules=schedules_after(observed, triggers),
        limits=deployment.spec.limits,
        retry=_retry(deployment.spec.retry),
        breaker=breaker_after(observed),
        environment=surroundings(observed).live,
        repush=deployment.spec.repush,
    )
    if old is not None and draft == old:
        return old
    serial = max(deployment.status.serial, old.serial if old else 0) + 1
    return draft.model_copy(update={"serial": serial})


def _retry(wanted: Retry) -> Retry | None:
    return wanted if wanted.max_attempts > 1 else None


def _previous(old: Live | None, pointer: ProgramPointer) -> tuple[ProgramPointer, ...]:
    if old is None:
        return ()
    if old.program == pointer or old.program is None:
        return old.previous
    others = [program for program in (old.program, *old.previous) if program != pointer]
    return tuple(others[:PREVIOUS_KEPT])


def _endpoints(
    observed: Observed, triggers: Iterable[Trigger] | None, facts: Facts
) -> tuple[Endpoint, ...]:
    if triggers is None:
        known = {e.node_id: e.alias for e in observed.live.endpoints} if observed.live else {}
    else:
        hooks = [trigger for trigger in triggers if trigger.type == "OnWebhook"]
        known = {hook.node_id: str(hook.settings["webhookAlias"]) for hook in hooks}
    keys = keys_after(observed, known)
    marks = {e.node_id: e.secret_mark for e in observed.live.endpoints} if observed.live else {}
    if observed.is_secret_seen:
        marks = {node: facts.mark(keys[node].secret) for node in known}
    return tuple(
        Endpoint(
            node_id=node,
            endpoint_id=keys[node].endpoint_id,
            webhook_id=keys[node].webhook_id,
            alias=alias,
            signature=settings_of(observed, node).signature,
            secret_name=secret_name(observed.deployment.metadata.name),
            secret_mark=marks.get(node, ""),
            previous_secret_seconds=settings_of(observed, node).previous_secret_seconds,
        )
        for node, alias in sorted(known.items())
    )
