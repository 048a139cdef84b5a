"""The verdict on one pattern: does it compile, and do its deployments run it. Pure."""

from collections.abc import Iterable

from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.model.condition import is_true, set_conditions
from dragops.model.declared import Declared, DeclaredNode
from dragops.model.deployment import PatternDeployment, State, UpdatePolicy
from dragops.model.pattern import Pattern, PatternStatus, Problem, TriggerStatus
from dragops_operator.reconcile.conditions import condition, told
from dragops_operator.reconcile.release import source_of

_PROBLEMS_MAX = 100


def plan_pattern(
    pattern: Pattern, deployments: Iterable[PatternDeployment], *, now: str
) -> PatternStatus:
    """Give the status that a pattern should have; compiles only what it has not judged yet."""
    deployments = sorted(deployments, key=lambda d: d.metadata.name)
    verdict = _verdict(pattern, _definitions_for(pattern, deployments))
    late = sorted(d.metadata.name for d in deployments if _is_behind(d, pattern))
    valid = next(c for c in verdict.conditions if c.type == "Valid")
    if valid.status == "True" and late:
        message = f"not yet running this generation: {', '.join(late)}"
        ready = condition("Ready", status="False", reason="Deploying", message=message)
    else:
        ready = valid.model_copy(update={"type": "Ready"})
    generation = pattern.metadata.generation
    parts = [c.model_copy(update={"observed_generation": generation}) for c in (valid, ready)]
    stamped = set_conditions(pattern.status.conditions, parts, now=now)
    return verdict.model_copy(update={"conditions": stamped, "observed_generation": generation})


def _definitions_for(pattern: Pattern, deployments: Iterable[PatternDeployment]) -> Declared:
    """Give what its deployments define; where two define one node, the first by name counts."""
    found: dict[str, DeclaredNode] = {}
    for deployment in deployments:
        if deployment.spec.pattern_ref.name == pattern.metadata.name:
            found = dict(deployment.spec.node_definitions) | found
    return found


def _verdict(pattern: Pattern, declared: Declared) -> PatternStatus:
    source = source_of(pattern, declared)
    if pattern.status.source == source and pattern.status.conditions:
        return pattern.status
    try:
        program = compile_pattern(pattern.spec, name=pattern.metadata.name, declared=declared)
    except PatternError as exc:
        problems = tuple(
            Problem.model_validate(fault.as_json() | {"message": fault.message[:2048]})
            for fault in exc.faults[:_PROBLEMS_MAX]
        )
        valid = condition(
            "Valid", status="False", reason="PatternInvalid", message=told(list(exc.faults))
        )
        return PatternStatus(source=source, problems=problems, conditions=(valid,))
    triggers = program.manifest.triggers
    return PatternStatus(
        source=source,
        triggers=tuple(TriggerStatus(type=t.type, node_id=t.node_id) for t in triggers),
        conditions=(condition("Valid", status="True", reason="Compiles"),),
    )


def _is_behind(deployment: PatternDeployment, pattern: Pattern) -> bool:
    spec, status = deployment.spec, deployment.status
    if spec.pattern_ref.name != pattern.metadata.name or spec.state is State.UNDEPLOYED:
        return False
    if spec.update_policy is not UpdatePolicy.AUTOMATIC or spec.version is not None:
        return False
    source = source_of(pattern, spec.node_definitions)
    return status.source != source or not is_true(status.conditions, "Registered")
