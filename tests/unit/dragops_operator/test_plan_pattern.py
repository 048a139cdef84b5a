"""The verdict on a pattern, and whether what runs is what was judged."""

from dataclasses import replace
from typing import Any

import pytest

from dragops.model.deployment import PatternDeployment
from dragops.model.pattern import Pattern
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.pattern import plan_pattern
from support.observed import BROKEN, FACTS, HOOKED, LATER, NOW, seen, seen_pattern


def condition(status: Any, type_: str) -> Any:
    return next(c for c in status.conditions if c.type == type_)


def judged(pattern: Pattern, *deployments: PatternDeployment) -> Pattern:
    status = plan_pattern(pattern, deployments, now=NOW)
    return pattern.model_copy(update={"status": status})


def running(spec: dict[str, Any], **deployment: Any) -> PatternDeployment:
    """Give a deployment whose engines have obeyed a program of this spec."""
    observed = seen(spec, **deployment)
    plan = plan_deployment(replace(observed, confirmed_serial=1), FACTS)
    return observed.deployment.model_copy(update={"status": plan.status})


def test_a_pattern_that_compiles_is_valid_and_names_its_triggers() -> None:
    status = judged(seen_pattern(HOOKED)).status

    assert condition(status, "Valid").status == "True"
    assert condition(status, "Ready").status == "True"
    assert [(t.type, t.node_id) for t in status.triggers] == [("OnWebhook", "hook")]
    assert status.observed_generation == 1


def test_a_pattern_that_does_not_compile_tells_every_fault() -> None:
    status = judged(seen_pattern(BROKEN)).status

    assert condition(status, "Valid").reason == "PatternInvalid"
    assert condition(status, "Ready").status == "False"
    assert {problem.code for problem in status.problems} == {"NO_TRIGGER", "UNKNOWN_NODE"}


@pytest.mark.parametrize("spec", [HOOKED, BROKEN], ids=["valid", "broken"])
def test_what_was_judged_is_not_judged_again(spec: dict[str, Any]) -> None:
    before = judged(seen_pattern(spec))

    assert plan_pattern(before, [], now=LATER) == before.status


def test_a_new_generation_keeps_the_time_of_what_stays_true() -> None:
    before = judged(seen_pattern(HOOKED))
    renamed = seen_pattern(HOOKED | {"title": "Other"}, generation=2)
    edited = renamed.model_copy(update={"status": before.status})

    status = plan_pattern(edited, [], now=LATER)

    assert status.observed_generation == 2
    assert condition(status, "Valid").last_transition_time == NOW


def test_it_is_ready_when_its_deployments_run_it() -> None:
    pattern = seen_pattern(HOOKED)

    assert condition(judged(pattern, running(HOOKED)).status, "Ready").status == "True"


@pytest.mark.parametrize(
    ("deployment", "ready"),
    [
        (seen(HOOKED).deployment, "False"),
        (running(HOOKED | {"title": "Older"}), "False"),
        (running(HOOKED | {"title": "Older"}, updatePolicy="OnRelease"), "True"),
        (seen(HOOKED, state="Undeployed").deployment, "True"),
        (seen(HOOKED, patternRef={"name": "another"}).deployment, "True"),
    ],
    ids=["not yet", "an older one", "it waits for a release", "undeployed", "another pattern's"],
)
def test_it_is_not_ready_while_one_that_follows_it_is_behind(
    deployment: PatternDeployment, ready: str
) -> None:
    status = judged(seen_pattern(HOOKED), deployment).status

    assert condition(status, "Ready").status == ready
