"""The engine pool of a workspace: when it is there, and what it may do."""

from typing import Any

import pytest

from dragops_operator.reconcile.workspace import plan_pool
from support.observed import FACTS

Object = dict[str, Any]


def of_kind(objects: tuple[Object, ...], kind: str) -> Object:
    (found,) = [obj for obj in objects if obj["kind"] == kind]
    return found


def pool(*deployments: str) -> tuple[Object, ...]:
    return plan_pool("team-a", deployments, (), FACTS, idle_seconds=None).applies


def test_the_first_deployment_brings_the_pool_in_the_order_of_need() -> None:
    kinds = [obj["kind"] for obj in pool("dep-a")]

    assert kinds == [
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "Service",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "Deployment",
    ]


def test_engines_may_get_exactly_the_secrets_of_their_deployments() -> None:
    rules = of_kind(pool("dep-b", "dep-a"), "Role")["rules"]

    assert rules == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["dep-a-endpoints", "dep-b-endpoints"],
            "verbs": ["get"],
        },
    ]


def test_the_size_of_the_pool_is_not_ours() -> None:
    """An autoscaler sets it; we would fight."""
    assert "replicas" not in of_kind(pool("dep-a"), "Deployment")["spec"]


def test_an_engines_pod_is_restricted_and_has_no_token_it_did_not_ask_for() -> None:
    pod = of_kind(pool("dep-a"), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }


def test_only_this_release_reaches_the_internal_port() -> None:
    public, internal = of_kind(pool("dep-a"), "NetworkPolicy")["spec"]["ingress"]

    assert "from" not in public
    assert internal["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "dragops"}}}
    ]


def test_what_is_there_is_not_written_again() -> None:
    existing = pool("dep-a")

    plan = plan_pool("team-a", ["dep-a"], existing, FACTS, idle_seconds=None)

    assert (plan.applies, plan.deletes) == ((), ())


@pytest.mark.parametrize(("idle", "left"), [(0.0, 300.0), (299.0, 1.0), (None, 300.0)])
def test_an_idle_pool_stays_five_minutes(idle: float | None, left: float) -> None:
    plan = plan_pool("team-a", [], pool("dep-a"), FACTS, idle_seconds=idle)

    assert (plan.deletes, plan.again_in_seconds) == ((), left)


def test_then_it_goes_the_deployment_first() -> None:
    existing = pool("dep-a")

    plan = plan_pool("team-a", [], existing, FACTS, idle_seconds=300.0)

    assert plan.deletes == tuple(reversed(existing))


def test_outside_the_workspaces_there_is_none() -> None:
    plan = plan_pool("elsewhere", ["dep-a"], (), FACTS, idle_seconds=None)

    assert plan.applies == ()
