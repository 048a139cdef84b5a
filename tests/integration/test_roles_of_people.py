"""What the chart's ClusterRoles let people do, as the real API server judges it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dragops.cluster.access import NO_SECONDS, Access
from dragops.cluster.client import NAMESPACES, ROLE_BINDINGS, Cluster
from dragops.cluster.tokens import Caller
from support.chart import of_kind, render
from support.installed import CLUSTER_ROLES
from support.people import EVERYBODY, TABLE, rights_of

pytestmark = pytest.mark.timeout(120)

NAMESPACE, RBAC = "of-people", "rbac.authorization.k8s.io"
STANDARD = {"view": "view", "edit": "edit", "admin": "admin"}
"""Kubernetes' own role -> ours, which it holds by aggregation."""


@pytest.fixture
async def access(cluster_kubeconfig: str) -> AsyncIterator[Access]:
    """A namespace with one person for each role, ours and the standard ones."""
    async with await Cluster.connect(cluster_kubeconfig) as admin:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        await admin.apply(NAMESPACES, None, body, manager="test")
        for role in of_kind(render(), "ClusterRole"):
            await admin.apply(CLUSTER_ROLES, None, role, manager="test")
        for role in {*EVERYBODY.split(), *STANDARD}:
            await _bind(admin, f"dragops-{role}")
        for role in STANDARD:
            await _bind(admin, role)
        yield Access(admin)
    # TLS connections end a turn of the loop after they were closed
    await asyncio.sleep(0.1)


async def _bind(admin: Cluster, role: str) -> None:
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"test-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": f"the-{role}"}],
    }
    await admin.apply(ROLE_BINDINGS, NAMESPACE, binding, manager="test")


async def _allowed(access: Access, role: str, namespace: str = NAMESPACE) -> set[str]:
    """Give the rights of the table that the person with this role has."""
    person = Caller(f"the-{role}", groups=("system:authenticated",))
    return {
        right
        for right in TABLE
        if await access.may(person, **_attributes(right), namespace=namespace)
    }


def _attributes(right: str) -> dict[str, str]:
    verb, _, whole = right.partition(" ")
    resource, _, subresource = whole.partition("/")
    return {"verb": verb, "resource": resource, "subresource": subresource}


async def test_each_role_may_what_the_table_says_and_nothing_else(access: Access) -> None:
    """Viewers see no secrets, operators change no patterns, and nobody reaches elsewhere."""
    for role in EVERYBODY.split():
        assert await _allowed(access, f"dragops-{role}") == rights_of(role), role
        assert await _allowed(access, f"dragops-{role}", "default") == set(), role
    assert await _allowed(access, "stranger") == set()


async def test_the_standard_roles_hold_ours(access: Access) -> None:
    """Who may view, edit or administer a namespace may do so with its patterns."""
    for standard, ours in STANDARD.items():
        while (found := await _allowed(access, standard)) != rights_of(ours):
            assert found < rights_of(ours), standard  # not aggregated yet, and never more
            await asyncio.sleep(NO_SECONDS)
