"""The decisions about a deployment, without a cluster."""

import re
from typing import Any

import pytest

from dragops.errors import Conflict
from dragops.model.deployment import Release
from dragops.model.ids import NAME_MAX, NAME_PATTERN
from dragops_api.errors import NotKept, NotPossible
from dragops_api.transitions import (
    chosen,
    deployment_name,
    has_obeyed,
    has_settled,
    release,
    roll_back,
    why_not_ready,
)


@pytest.mark.parametrize(
    "pattern",
    ["a", "pat-x1y2z3w4v5", "webhook-logger", "x" * 36, "x" * 37, "x" * 40, "x-" * 19 + "y"],
)
def test_a_deployments_name_fits_and_is_its_patterns(pattern: str) -> None:
    """dep- and the pattern's name; too long ones end in a hash, never in a dash."""
    name = deployment_name(pattern)

    assert len(name) <= NAME_MAX
    assert re.match(NAME_PATTERN, name)
    assert (name == f"dep-{pattern}") == (len(pattern) <= NAME_MAX - 4)


def test_two_long_names_do_not_meet() -> None:
    """They share what is left of them, not the hash."""
    assert deployment_name("x" * 39 + "a") != deployment_name("x" * 39 + "b")


def _named(name: str, pattern: str = "p") -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"patternRef": {"name": pattern}}}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [([], None), (["mine"], "mine"), (["mine", "dep-p"], "dep-p"), (["dep-p"], "dep-p")],
)
def test_rest_means_the_made_name_else_the_only_one(names: list[str], wanted: str | None) -> None:
    """Deployments of other patterns are never meant."""
    found = chosen("p", [*(_named(name) for name in names), _named("dep-q", "q")])

    assert (found and found["metadata"]["name"]) == wanted


def test_several_without_the_made_name_are_a_conflict_that_names_them() -> None:
    """The caller can choose by id."""
    with pytest.raises(Conflict, match="dep_a, mine"):
        chosen("p", [_named("mine"), _named("dep-a")])


def _with_status(observed: int, state: str, **conditions: tuple[str, int]) -> dict[str, Any]:
    listed = [
        {"type": name, "status": value, "reason": "R", "observedGeneration": seen}
        for name, (value, seen) in conditions.items()
    ]
    metadata = {"name": "d", "namespace": "n", "uid": "u", "generation": 3, "resourceVersion": "1"}
    return {
        "metadata": metadata | {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"patternRef": {"name": "p"}},
        "status": {"observedGeneration": observed, "state": state, "conditions": listed},
    }


@pytest.mark.parametrize(
    ("deployment", "obeyed", "settled"),
    [
        (_with_status(3, "active", Registered=("True", 3)), True, True),
        (_with_status(4, "paused", Registered=("True", 4)), True, True),
        (_with_status(2, "active", Registered=("True", 2)), False, False),
        (_with_status(3, "active", Registered=("True", 2)), False, False),
        (_with_status(3, "active", Registered=("False", 3)), False, False),
        (_with_status(3, "pending"), False, False),
        (_with_status(3, "failed", Compiled=("False", 3)), False, True),
        (_with_status(2, "failed", Compiled=("False", 2)), False, False),
        (_with_status(3, "pending", Stalled=("True", 3)), False, True),
    ],
)
def test_waiting_ends_when_this_generation_is_registered_or_has_failed(
    deployment: dict[str, Any], *, obeyed: bool, settled: bool
) -> None:
    """An older generation's word counts for nothing."""
    assert (has_obeyed(3)(deployment), has_settled(3)(deployment)) == (obeyed, settled)


def _released(asked: str, dealt_with: str, reason: str = "R") -> dict[str, Any]:
    """A deployment whose engines obey its generation, and whose last compilation has failed."""
    found = _with_status(3, "active", Registered=("True", 3), Stalled=("True", 3))
    found["spec"]["release"] = {"id": asked}
    found["status"]["release"] = dealt_with
    for listed in found["status"]["conditions"]:
        listed["reason"] = reason
    return found


def test_a_release_that_was_not_tried_yet_is_waited_for() -> None:
    """Engines obey the old version meanwhile, and an older fault says nothing of the new one."""
    assert not has_settled(3)(_released("2", "1"))
    assert has_settled(3)(_released("2", "2"))
    assert has_settled(3)(_released("2", "1", "NotAWorkspace"))


def test_a_deploy_waits_for_the_last_release_and_not_for_its_own() -> None:
    """Somebody else released at the same time: their generation is the one that survives."""
    found = _with_status(3, "active", Registered=("True", 3))
    found["metadata"]["generation"] = 4

    assert has_obeyed(3)(found)
    assert not has_settled(3)(found)


def _kept(state: str = "Active") -> dict[str, Any]:
    versions = [{"number": number, "configMap": "c", "digest": "d"} for number in (3, 2)]
    return {"spec": {"state": state}, "status": {"versions": versions}}


def test_a_rollback_pins_what_is_kept_and_a_deploy_lets_it_go() -> None:
    """What is not kept is named, with what is."""
    found = _kept()

    roll_back(2)(found)
    assert found["spec"]["version"] == 2
    with pytest.raises(NotKept, match="Version 1 is not kept; kept: 3, 2"):
        roll_back(1)(found)
    release(Release(id="x"))(found)
    assert "version" not in found["spec"]


def test_a_rollback_leaves_a_pause_and_refuses_what_is_undeployed() -> None:
    """Which version runs and whether it runs are two questions."""
    paused = _kept("Paused")
    roll_back(3)(paused)

    assert paused["spec"] == {"state": "Paused", "version": 3}
    with pytest.raises(NotPossible):
        roll_back(3)(_kept("Undeployed"))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({}, "the operator has not seen it yet"),
        ({"status": "True", "reason": "Ready", "message": ""}, "it is on its way"),
        ({"status": "False", "reason": "PatternMissing", "message": "no p"}, "no p"),
        ({"status": "False", "reason": "Compiling", "message": ""}, "Compiling"),
    ],
)
def test_what_is_not_ready_says_why(status: dict[str, str], told: str) -> None:
    """In the operator's words, where it has some."""
    conditions = [{"type": "Ready"} | status] if status else []

    assert why_not_ready({"status": {"conditions": conditions}}) == told
