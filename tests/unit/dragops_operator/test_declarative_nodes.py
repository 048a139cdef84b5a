"""Declarative nodes of a resource: whoever wrote it, they are compiled, judged and kept."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.model.pattern import Pattern, PatternStatus
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed
from dragops_operator.reconcile.pattern import plan_pattern
from support.declared import definition_json
from support.observed import FACTS, HOOKED, LATER, NOW, carried_out, seen, seen_pattern, wanting

ASKING: dict[str, Any] = {
    "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "get", "type": "GetUser"}],
    "wires": [{"from": "hook.exec", "to": "get.exec"}],
}
ONE = {"GetUser": definition_json()}
OTHER = {"GetUser": definition_json(request={"url": "https://other.test"})}
WRONG = {"GetUser": definition_json(request={"url": "{nobody}"})}


def condition(status: Any, type_: str) -> Any:
    return next(c for c in status.conditions if c.type == type_)


def judged(pattern: Pattern, *deployments: Any) -> PatternStatus:
    return plan_pattern(pattern, [each.deployment for each in deployments], now=NOW)


def live(spec: dict[str, Any], **deployment: Any) -> Observed:
    """Give a deployment whose engines have obeyed its first version."""
    observed = replace(seen(spec, **deployment), confirmed_serial=1)
    return carried_out(observed, plan_deployment(observed, FACTS))


def test_a_deployment_compiles_the_nodes_that_it_brings_along() -> None:
    plan = plan_deployment(seen(ASKING, nodeDefinitions=ONE), FACTS)

    [program, *_] = plan.creates
    assert "https://api.test" in program["data"]["program.py"]
    assert condition(plan.status, "Compiled").status == "True"


def test_a_changed_definition_is_compiled_and_the_same_one_is_not() -> None:
    """Under Automatic, as a changed pattern is; what no node uses changes nothing."""
    before = live(ASKING, nodeDefinitions=ONE)
    unused = ONE | {"Unused": definition_json()}

    same = plan_deployment(wanting(before, nodeDefinitions=unused), FACTS)
    changed = plan_deployment(wanting(before, nodeDefinitions=OTHER), FACTS)

    assert not same.creates
    assert changed.status.version_number == 2


def test_a_wrong_definition_leaves_the_live_version() -> None:
    """With the fault in the conditions, at its place."""
    before = live(ASKING, nodeDefinitions=ONE)

    status = plan_deployment(wanting(before, nodeDefinitions=WRONG), FACTS).status

    assert status.version_number == 1
    compiled = condition(status, "Compiled")
    assert compiled.status == "False"
    assert "its definition: request.url: {nobody} is no input" in compiled.message


def test_a_pattern_is_judged_with_what_its_deployments_bring_along() -> None:
    """Without any its node is unknown; the deployment that has it makes it valid."""
    alone = judged(seen_pattern(ASKING))
    used = judged(seen_pattern(ASKING), seen(ASKING, nodeDefinitions=ONE))

    assert [problem.code for problem in alone.problems] == ["UNKNOWN_NODE"]
    assert condition(used, "Valid").status == "True"


def test_a_pattern_is_judged_again_when_a_definition_changes() -> None:
    good, bad = seen(ASKING, nodeDefinitions=ONE), seen(ASKING, nodeDefinitions=WRONG)
    pattern = seen_pattern(ASKING)
    before = pattern.model_copy(update={"status": judged(pattern, good)})

    assert plan_pattern(before, [good.deployment], now=LATER) == before.status
    assert condition(judged(before, bad), "Valid").status == "False"


@pytest.mark.parametrize(("definitions", "ready"), [(ONE, "True"), (OTHER, "False")])
def test_a_pattern_is_ready_when_its_deployment_runs_its_definitions(
    definitions: dict[str, Any], ready: str
) -> None:
    running = wanting(live(ASKING, nodeDefinitions=ONE), nodeDefinitions=definitions)

    assert condition(judged(seen_pattern(ASKING), running), "Ready").status == ready


def test_patterns_without_declarative_nodes_have_the_source_of_before() -> None:
    """An upgrade compiles nothing anew."""
    bare = live(HOOKED)

    assert not plan_deployment(wanting(bare, nodeDefinitions=ONE), FACTS).creates
