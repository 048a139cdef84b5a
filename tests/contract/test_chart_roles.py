"""The chart gives the rights that the code uses, to whom they belong, and no wider ones."""

from itertools import product
from typing import Any

import pytest

from dragops.cluster import rights
from dragops.cluster.rights import Right
from dragops_api.auth import RIGHTS, SEE_SECRETS
from dragops_operator.reconcile.workspace import SecretNames, plan_workspace
from support.chart import EVERYTHING, NAMESPACE, VALUES, Object, named, of_kind, render
from support.observed import FACTS
from support.people import EVERYBODY, TABLE, rights_of


@pytest.mark.parametrize(
    ("kind", "name", "used"),
    [
        ("ClusterRole", "dragops-operator", rights.OPERATOR_CLUSTER),
        ("Role", "dragops-operator", rights.OPERATOR_RELEASE),
        ("Role", "dragops-operator-workspace", rights.OPERATOR_WORKSPACE),
        ("ClusterRole", "dragops-api", rights.API_CLUSTER),
        ("Role", "dragops-api-workspace", rights.API_WORKSPACE),
    ],
)
def test_a_role_allows_what_the_code_uses(kind: str, name: str, used: frozenset[Right]) -> None:
    """No verb more, as nobody would miss it, and no verb less."""
    assert _granted(named(render(), kind, name)) == used


@pytest.mark.parametrize(
    ("name", "used"),
    [("dragops-engine", rights.ENGINE), ("dragops-api-secrets", rights.API_SECRETS)],
)
def test_a_role_that_the_operator_keeps_allows_what_the_code_uses(
    name: str, used: frozenset[Right]
) -> None:
    """Secrets by name only, and nothing that the operator does not hold: it could not give it."""
    names = SecretNames(endpoints=("dep-a-endpoints",), in_use=("keys",), environments=("keys",))
    kept = plan_workspace("team-a", names, (), FACTS, idle_seconds=None).applies
    granted = _granted(named(list(kept), "Role", name))
    held = {(r.group, r.resource, r.verb) for r in rights.OPERATOR_WORKSPACE}

    assert {r[:3] for r in granted} == {r[:3] for r in used} <= held
    assert all(right.names for right in granted if right.resource == "secrets")


@pytest.mark.parametrize("values", VALUES, ids=["defaults", "everything", "least"])
def test_no_rule_is_wider_than_its_words(values: dict[str, Any]) -> None:
    """No wildcards, no lists of Secrets, nothing that lets somebody rise."""
    for role in of_kind(render(**values), "Role", "ClusterRole"):
        for rule in role["rules"]:
            words = {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}
            assert not words & {"*", "escalate", "bind", "impersonate"}, role["metadata"]
            if "secrets" in rule["resources"]:
                assert set(rule["verbs"]) <= {"get", "create", "patch"}, role["metadata"]
                assert role["kind"] == "Role", "secrets of the whole cluster"


def test_rights_are_given_for_each_workspace_and_for_no_other() -> None:
    """Adding a workspace is one more pair of roles."""
    objects = render(**EVERYTHING)
    places = {
        (found["metadata"]["name"], found["metadata"]["namespace"])
        for found in of_kind(objects, "RoleBinding")
    }
    names = ["dragops-api-workspace", "dragops-operator-workspace", "dragops-user"]

    assert places == {*product(names, ["team-a", "team-b"]), ("dragops-operator", NAMESPACE)}


@pytest.mark.parametrize("values", VALUES, ids=["defaults", "everything", "least"])
def test_every_binding_names_a_role_and_an_account_that_are_there(values: dict[str, Any]) -> None:
    """A binding to nothing gives nothing, and nobody says so."""
    objects = render(**values)
    roles = {_place(found) for found in of_kind(objects, "Role", "ClusterRole")}
    accounts = {_place(found) for found in of_kind(objects, "ServiceAccount")}

    for binding in of_kind(objects, "RoleBinding", "ClusterRoleBinding"):
        ref = binding["roleRef"]
        namespace = binding["metadata"].get("namespace") if ref["kind"] == "Role" else None
        known = ref["name"] == "system:auth-delegator"
        assert known or (ref["kind"], namespace, ref["name"]) in roles
        for subject in binding["subjects"]:
            assert (subject["kind"], subject["namespace"], subject["name"]) in accounts


def test_standard_roles_grow_by_ours() -> None:
    """Who may view a namespace may view its patterns; secrets are for admins."""
    roles = {
        role["metadata"]["name"]: sorted(
            label.removeprefix("rbac.authorization.k8s.io/aggregate-to-")
            for label in role["metadata"]["labels"]
            if "aggregate-to" in label
        )
        for role in of_kind(render(), "ClusterRole")
    }

    assert {name: to for name, to in roles.items() if to} == {
        "dragops-view": ["view"],
        "dragops-edit": ["edit"],
        "dragops-operate": ["edit"],
        "dragops-admin": ["admin"],
    }
    assert _allowed("dragops-admin") > _allowed("dragops-edit") > _allowed("dragops-operate")
    assert _allowed("dragops-operate") > _allowed("dragops-view")
    assert "get patterndeployments/secrets" not in _allowed("dragops-edit")


def test_the_table_of_people_has_every_right_that_a_call_may_need() -> None:
    """A REST permission is a Kubernetes permission; the real API server judges the same table."""
    needed = {str(right) for rights in RIGHTS.values() for right in rights} | {str(SEE_SECRETS)}

    assert needed == TABLE.keys()


@pytest.mark.parametrize("role", EVERYBODY.split())
def test_a_role_of_people_has_the_rights_of_the_table_and_no_other(role: str) -> None:
    """Viewers see no secrets, operators change no patterns."""
    assert _allowed(f"dragops-{role}") & TABLE.keys() == rights_of(role)


def _allowed(role: str) -> set[str]:
    rules = named(render(), "ClusterRole", role)["rules"]
    return {
        f"{verb} {resource}"
        for rule in rules
        for verb, resource in product(rule["verbs"], rule["resources"])
    }


def _place(found: Object) -> tuple[str, str | None, str]:
    return found["kind"], found["metadata"].get("namespace"), found["metadata"]["name"]


def _granted(role: Object) -> set[Right]:
    return {
        Right(group, resource, verb, tuple(rule.get("resourceNames", ())))
        for rule in role["rules"]
        for group, resource, verb in product(rule["apiGroups"], rule["resources"], rule["verbs"])
    }
