"""Whether a named cluster can be installed into: it answers, it lets us, and which one it is."""

import json

from dragops_localcluster.release import RELEASE
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

ANSWER_TIMEOUT = "--request-timeout=10s"
# What the chart makes besides ordinary objects; who may not, finds out before anything is made.
NEEDED = (
    ("", "namespaces", ""),
    ("apiextensions.k8s.io", "customresourcedefinitions", ""),
    ("rbac.authorization.k8s.io", "clusterroles", ""),
    ("rbac.authorization.k8s.io", "clusterrolebindings", ""),
    ("", "secrets", RELEASE),
    ("apps", "statefulsets", RELEASE),
)


def need_answer(target: Target) -> None:
    """Refuse a cluster whose API server does not answer, in seconds."""
    try:
        target.kubectl("get", "--raw=/version", ANSWER_TIMEOUT)
    except Trouble as exc:
        raise Trouble(
            f"the API server of context {target.context} does not answer as it should:"
            f" {why_silent(str(exc))}; is it running, and is its kubeconfig the newest one?"
        ) from exc


def why_silent(said: str) -> str:
    """Give the reason in what kubectl said; without credentials it asks for a name, in vain."""
    last = said.strip().splitlines()[-1].rpartition(" failed: ")[2]
    return "the kubeconfig holds no credentials for it" if last == "error: EOF" else last


def need_rights(target: Target) -> None:
    """Refuse a cluster in which the caller may not create what the chart consists of."""
    reviews = {"apiVersion": "v1", "kind": "List", "items": [_review(*one) for one in NEEDED]}
    answers = target.kubectl(
        *["create", "--filename=-", "--output=jsonpath={.status.allowed}{'\\n'}", ANSWER_TIMEOUT],
        stdin=json.dumps(reviews),
    )
    refused = refused_kinds(answers)
    if refused:
        raise Trouble(
            f"you may not create {', '.join(refused)} in context {target.context}: make up needs an"
            " administrator of the cluster (docs/install.md)"
        )


def refused_kinds(answers: str) -> list[str]:
    """Name what may not be created, from one answer a line in the order of NEEDED."""
    allowed = answers.split()
    if len(allowed) != len(NEEDED):
        raise Trouble(f"the API server was asked about {len(NEEDED)} rights and said: {answers!r}")
    kinds = [kind for _, kind, _ in NEEDED]
    return [kind for kind, answer in zip(kinds, allowed, strict=True) if answer != "true"]


def identity_of(target: Target) -> str:
    """Give what no two clusters share, so that a context that leads elsewhere is noticed."""
    return target.kubectl("get", "namespace", "kube-system", "--output=jsonpath={.metadata.uid}")


def _review(group: str, resource: str, namespace: str) -> dict[str, object]:
    asked = {"group": group, "resource": resource, "verb": "create", "namespace": namespace}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
