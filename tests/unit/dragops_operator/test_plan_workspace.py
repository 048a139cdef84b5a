"""What a workspace has: an engine pool, when, and who may read which Secret."""

from typing import Any

import pytest

from dragops_operator.reconcile.workspace import SecretNames, plan_workspace, secret_names
from support.observed import FACTS

Object = dict[str, Any]


ACCESS = "dragops-api-secrets"


def named(objects: tuple[Object, ...], kind: str, name: str = "dragops-engine") -> Object:
    (found,) = [o for o in objects if (o["kind"], o["metadata"]["name"]) == (kind, name)]
    return found


def names(*deployments: str, environments: tuple[Object, ...] = (), **spec: Any) -> SecretNames:
    raws = [{"metadata": {"name": name}, "spec": spec} for name in deployments]
    return secret_names(raws, environments)


def environment(
    name: str, *, secret: str | None, version: str | None = "7", generation: int = 1
) -> Object:
    spec = {"secretRef": {"name": secret}} if secret else {}
    status = {"observedGeneration": 1} | ({"secretVersion": version} if version else {})
    metadata = {"name": name, "generation": generation}
    return {"metadata": metadata, "spec": spec, "status": status}


def written(secrets: SecretNames, existing: tuple[Object, ...] = ()) -> tuple[Object, ...]:
    return plan_workspace("team-a", secrets, existing, FACTS, idle_seconds=None).applies


def pool(*deployments: str) -> tuple[Object, ...]:
    return tuple(o for o in written(names(*deployments)) if o["metadata"]["name"] != ACCESS)


def secrets_of(role: Object) -> dict[str, list[str]]:
    """Tell which Secrets a Role names, by verb; a rule without names would be all of them."""
    rules = [rule for rule in role["rules"] if rule["resources"] == ["secrets"]]
    return {verb: rule["resourceNames"] for rule in rules for verb in rule["verbs"]}


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
    rules = named(pool("dep-b", "dep-a"), "Role")["rules"]

    assert rules == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["dep-a-endpoints", "dep-b-endpoints"],
            "verbs": ["get"],
        },
    ]


def test_engines_may_get_the_secrets_of_environments_in_use_and_no_others() -> None:
    """Not before the operator has seen the Secret with its label."""
    environments = (
        environment("production", secret="keys"),
        environment("staging", secret="other-keys"),
        environment("plain", secret=None),
        environment("unlabelled", secret="bait", version=None),
        environment("edited", secret="bait", generation=2),
    )

    def readable(name: str) -> list[str]:
        found = names("dep-a", environments=environments, environmentRef={"name": name})
        return secrets_of(named(written(found), "Role"))["get"]

    assert readable("production") == ["dep-a-endpoints", "keys"]
    for name in ("plain", "unlabelled", "edited", "missing"):
        assert readable(name) == ["dep-a-endpoints"]


def test_engines_may_get_what_a_live_deployment_goes_on_with() -> None:
    """Its Environment is gone; an engine that restarts must still find the secrets."""
    status = {"environment": {"name": "gone", "secretName": "keys"}}
    raw = {
        "metadata": {"name": "dep-a"},
        "spec": {"environmentRef": {"name": "gone"}},
        "status": status,
    }

    role = named(written(secret_names([raw], [])), "Role")

    assert secrets_of(role) == {"get": ["dep-a-endpoints", "keys"]}


def test_the_api_may_read_webhook_secrets_and_change_those_of_environments() -> None:
    """By name: it may create Secrets, and with a free get it could mint tokens."""
    found = names("dep-a", environments=(environment("production", secret="keys"),))

    objects = written(found)

    assert secrets_of(named(objects, "Role", ACCESS)) == {
        "get": ["dep-a-endpoints"],
        "patch": ["keys"],
    }
    binding = named(objects, "RoleBinding", ACCESS)
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "dragops-api", "namespace": "dragops"}
    ]


def test_an_environment_alone_brings_rights_and_no_pool() -> None:
    objects = written(names(environments=(environment("production", secret="keys"),)))

    assert {o["metadata"]["name"] for o in objects} == {ACCESS}


def test_rights_go_with_the_last_name_in_them() -> None:
    """A Role that names nothing is not kept."""
    existing = written(names(environments=(environment("production", secret="keys"),)))

    plan = plan_workspace("team-a", names(), existing, FACTS, idle_seconds=None)

    assert (plan.applies, plan.again_in_seconds) == ((), None)
    assert plan.deletes == tuple(reversed(existing))


def test_the_size_of_the_pool_is_not_ours() -> None:
    """An autoscaler sets it; we would fight."""
    assert "replicas" not in named(pool("dep-a"), "Deployment")["spec"]


def test_an_engines_pod_is_restricted_and_has_no_token_it_did_not_ask_for() -> None:
    pod = named(pool("dep-a"), "Deployment")["spec"]["template"]["spec"]
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


def test_only_this_release_and_ticks_reach_the_internal_port() -> None:
    """Ticks have other patterns called there."""
    public, internal = named(pool("dep-a"), "NetworkPolicy")["spec"]["ingress"]

    assert "from" not in public
    assert internal["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "dragops"}}},
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "dragops-tick"}}},
    ]


def test_what_is_there_is_not_written_again() -> None:
    existing = written(names("dep-a"))

    plan = plan_workspace("team-a", names("dep-a"), existing, FACTS, idle_seconds=None)

    assert (plan.applies, plan.deletes) == ((), ())


@pytest.mark.parametrize(("idle", "left"), [(0.0, 300.0), (299.0, 1.0), (None, 300.0)])
def test_an_idle_pool_stays_five_minutes(idle: float | None, left: float) -> None:
    plan = plan_workspace("team-a", names(), pool("dep-a"), FACTS, idle_seconds=idle)

    assert (plan.deletes, plan.again_in_seconds) == ((), left)


def test_then_it_goes_the_deployment_first() -> None:
    existing = pool("dep-a")

    plan = plan_workspace("team-a", names(), existing, FACTS, idle_seconds=300.0)

    assert plan.deletes == tuple(reversed(existing))


def test_outside_the_workspaces_there_is_none() -> None:
    plan = plan_workspace("elsewhere", names("dep-a"), (), FACTS, idle_seconds=None)

    assert plan.applies == ()
