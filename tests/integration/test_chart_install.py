"""The chart against a real API server: installed, used by each account, upgraded, uninstalled."""

import json
from collections.abc import Iterator

import pytest

from dragops.model.pattern import Pattern, Position
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble
from support.chart import CHART

pytestmark = pytest.mark.timeout(120)

# names of this module's own: the control plane is shared by all tests of a session
NAMESPACE, TEAM = "chart-release", "chart-team"
INSTALL = [
    *["upgrade", "--install", "dragops", str(CHART), "--namespace", NAMESPACE],
    *["--set", f"workspaces={{{TEAM}}}", "--set", "createWorkspaces=true"],
    *["--set", "user.create=true", "--take-ownership"],
]

USER = f"{TEAM}:dragops-user"
OPERATOR, API = f"{NAMESPACE}:dragops-operator", f"{NAMESPACE}:dragops-api"
ALLOWED = [
    (USER, "create patterndeployments.dragops.dev", TEAM),
    (USER, "update patterndeployments.dragops.dev --subresource=state", TEAM),
    (USER, "create patterndeployments.dragops.dev --subresource=execute", TEAM),
    (USER, "get patterndeployments.dragops.dev --subresource=secrets", TEAM),
    (OPERATOR, "list patterndeployments.dragops.dev", "default"),
    (OPERATOR, "patch patterns.dragops.dev --subresource=status", "default"),
    (OPERATOR, "create secrets", TEAM),
    (OPERATOR, "get secrets/dragops-signing", NAMESPACE),
    (API, "create tokenreviews.authentication.k8s.io", ""),
    (API, "create subjectaccessreviews.authorization.k8s.io", ""),
    (API, "update patterns.dragops.dev", TEAM),
    (USER, "create environments.dragops.dev", TEAM),
    (OPERATOR, "patch environments.dragops.dev --subresource=status", "default"),
    (API, "create secrets", TEAM),
]
REFUSED = [
    (USER, "list patterns.dragops.dev", "default"),
    (USER, "get secrets", TEAM),
    (OPERATOR, "list secrets", TEAM),
    (OPERATOR, "get secrets", "default"),
    (OPERATOR, "get secrets/other", NAMESPACE),
    (OPERATOR, "update patterndeployments.dragops.dev", TEAM),
    (API, "get secrets", TEAM),
    (API, "patch secrets", TEAM),
    (API, "list secrets", TEAM),
    (API, "update patterns.dragops.dev", "default"),
]


@pytest.fixture(scope="module")
def installed(cluster: Layout) -> Iterator[Target]:
    progress = Progress()
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    target = Target(str(cluster.kubeconfig), "", program, helm)
    target.kubectl("create", "namespace", NAMESPACE)
    enforce = "pod-security.kubernetes.io/enforce=restricted"
    target.kubectl("label", "namespace", NAMESPACE, enforce)
    target.helm(*INSTALL)
    yield target
    target.helm("uninstall", "dragops", "--namespace", NAMESPACE)
    target.kubectl("delete", "namespace", NAMESPACE, TEAM, "--wait=false")


def _can(target: Target, account: str, question: str, namespace: str) -> bool:
    words = [*question.split(), f"--as=system:serviceaccount:{account}"]
    words += [f"--namespace={namespace}"] if namespace else []
    try:
        return target.kubectl("auth", "can-i", *words).strip() == "yes"
    except Trouble:
        return False


@pytest.mark.parametrize(("account", "question", "namespace"), ALLOWED, ids=str)
def test_an_account_may_do_its_work(
    installed: Target, account: str, question: str, namespace: str
) -> None:
    """The API server's own answer."""
    assert _can(installed, account, question, namespace)


@pytest.mark.parametrize(("account", "question", "namespace"), REFUSED, ids=str)
def test_an_account_may_do_no_more(
    installed: Target, account: str, question: str, namespace: str
) -> None:
    """Not in other namespaces, and nowhere all Secrets at once."""
    assert not _can(installed, account, question, namespace)


def test_pods_are_admitted_where_only_restricted_ones_are(installed: Target) -> None:
    """The namespace enforces Pod Security "restricted"; a refused pod is never made."""
    wait = ["wait", "--namespace", NAMESPACE, "--timeout=30s", "pod", "--selector"]

    for name in ["dragops-api", "dragops-operator"]:
        installed.kubectl(*wait, f"app.kubernetes.io/name={name}", "--for=create")


def test_a_node_may_have_a_position(installed: Target) -> None:
    """A definition that lost its y would refuse this, or drop it."""
    made = json.loads(_create_pattern(installed, "placed"))

    assert made["spec"]["nodes"][0]["position"] == {"x": 1, "y": 2}


def test_a_manifest_may_say_y_without_quotes(installed: Target) -> None:
    """kubectl reads YAML 1.1 and sends ``true`` for a plain y; what was meant is not lost."""
    manifest = f"""
        apiVersion: dragops.dev/v1
        kind: Pattern
        metadata: {{name: plain-y, namespace: {TEAM}}}
        spec: {{nodes: [{{id: a, type: OnStart, position: {{x: 1, y: 2}}}}]}}
    """
    words = ["create", "--validate=strict", "--output=json", "--filename=-"]

    made = Pattern.of(json.loads(installed.kubectl(*words, stdin=manifest)))

    assert made.spec.nodes[0].position == Position(x=1, y=2)


def test_the_same_upgrade_twice_changes_nothing(installed: Target) -> None:
    """Helm's diff is empty, so no pod restarts."""
    question = ["get", "deployment,statefulset", "--namespace", NAMESPACE, "--output=json"]
    before = [item["metadata"]["generation"] for item in _items(installed, question)]

    installed.helm(*INSTALL)

    assert [item["metadata"]["generation"] for item in _items(installed, question)] == before


def test_uninstalling_keeps_what_people_made(installed: Target) -> None:
    """Definitions, patterns and workspaces stay; the rest goes."""
    _create_pattern(installed, "kept")
    installed.helm("uninstall", "dragops", "--namespace", NAMESPACE)
    try:
        kept = installed.kubectl("get", "patterns", "--namespace", TEAM, "--output=name")
        left = _items(
            installed, ["get", "deployment,statefulset", "--namespace", NAMESPACE, "--output=json"]
        )
    finally:
        installed.helm(*INSTALL)

    assert "pattern.dragops.dev/kept" in kept
    assert [item for item in left if not item["metadata"].get("deletionTimestamp")] == []


def _create_pattern(target: Target, name: str) -> str:
    pattern = {
        "apiVersion": "dragops.dev/v1",
        "kind": "Pattern",
        "metadata": {"name": name, "namespace": TEAM},
        "spec": {"nodes": [{"id": "a", "type": "OnStart", "position": {"x": 1, "y": 2}}]},
    }
    words = ["--validate=strict", "--output=json", "--filename=-"]
    return target.kubectl("create", *words, stdin=json.dumps(pattern))


def _items(target: Target, question: list[str]) -> list[dict[str, dict[str, object]]]:
    items: list[dict[str, dict[str, object]]] = json.loads(target.kubectl(*question))["items"]
    return items
