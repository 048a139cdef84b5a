"""The decisions about a deployment, without a cluster."""

import re
from typing import Any

import pytest

from dragops.errors import Conflict
from dragops.model.ids import NAME_MAX, NAME_PATTERN
from dragops_api.transitions import (
    chosen,
    deployment_name,
    foreign_owners,
    has_obeyed,
    has_settled,
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


def test_only_other_managers_of_the_changed_fields_are_named() -> None:
    """Status writers, ourselves and managers of other fields are not."""
    managed = [
        {"manager": "argocd", "fieldsV1": {"f:spec": {"f:state": {}}}},
        {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:limits": {}}}},
        {"manager": "dragops-api", "fieldsV1": {"f:spec": {"f:state": {}}}},
        {
            "manager": "dragops-operator",
            "subresource": "status",
            "fieldsV1": {"f:spec": {"f:state": {}}},
        },
        {"manager": "odd"},
    ]

    found = foreign_owners({"metadata": {"managedFields": managed}}, ["state"], own="dragops-api")

    assert found == ["argocd"]
