"""The cluster by a kubeconfig: definitions, our pods, workspaces, what stalls; reads only."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from dragops.cli.doctor.finding import Finding, fail, good, skip, warn
from dragops.cluster.client import (
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    PODS,
    Cluster,
    Kind,
)
from dragops.errors import DragopsError, NotFound, Refused
from dragops.model.deployment import DeploymentSpec
from dragops.model.environment import EnvironmentSpec
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Shape

SELF_REVIEWS = Kind(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"
)
_DEFINITIONS: dict[str, type[Shape]] = {
    "patterns": PatternSpec,
    "patterndeployments": DeploymentSpec,
    "environments": EnvironmentSpec,
}
_NAME = "app.kubernetes.io/name"
_OURS = "app.kubernetes.io/part-of=dragops"
_COMPONENTS = ("dragops-api", "dragops-operator")
_CHART = "install or upgrade the chart of this version: helm upgrade --install dragops ..."
_VERBS = (
    ("list", "patterns", ""),
    ("create", "patterndeployments", ""),
    ("update", "patterndeployments", "state"),
    ("create", "patterndeployments", "execute"),
)
_SHOWN = 5
Object = dict[str, Any]


async def look_at_cluster(cluster: Cluster, workspace: str) -> AsyncIterator[Finding]:
    """Look at everything that a kubeconfig allows to see."""
    for plural, spec in _DEFINITIONS.items():
        yield await _definition(cluster, plural, spec)
    yield await _own_rights(cluster, workspace)
    try:
        pods = await cluster.list(PODS, label_selector=_OURS)
    except Refused:
        yield skip("pods", "this kubeconfig may not list pods", "use one that may: --kubeconfig")
    else:
        for finding in look_at_pods(pods, workspace):
            yield finding
    async for finding in _resources(cluster, workspace):
        yield finding


def look_at_pods(pods: Iterable[Object], workspace: str) -> Iterator[Finding]:
    """Look at our pods: which are missing, which are not ready, which workspaces they serve."""
    by_name: dict[str, list[Object]] = {}
    for pod in pods:
        by_name.setdefault(pod["metadata"].get("labels", {}).get(_NAME, ""), []).append(pod)
    for name in _COMPONENTS:
        if name not in by_name:
            yield fail("pods", f"there is no pod of {name}", _CHART)
    # a schedule's pod ends with its tick
    staying = [pod for name, listed in by_name.items() if name != "dragops-tick" for pod in listed]
    broken = [pod for pod in staying if not _is_ready(pod)]
    yield from (fail("pods", _trouble(pod), _describe(pod)) for pod in broken)
    if staying and not broken:
        yield good("pods", f"{len(staying)} of DragOps, all ready")
    if served := workspaces_of(by_name.get("dragops-api", ())):
        yield _served(served, workspace)


def workspaces_of(pods: Iterable[Object]) -> list[str]:
    """Give the workspaces that the API's pods were told."""
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for variable in container.get("env", ()):
                if variable["name"] == "DRAGOPS_WORKSPACES":
                    return [name for name in variable.get("value", "").split(",") if name]
    return []


def missing_fields(definition: Mapping[str, Any], spec: type[Shape]) -> list[str]:
    """Give the fields of this version's model that an installed definition does not know."""
    for version in definition["spec"]["versions"]:
        if version["name"] == "v1":
            schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
            known = schema.get("properties", {}).keys()
            fields = (field.alias or name for name, field in spec.model_fields.items())
            return sorted(field for field in fields if field not in known)
    return ["v1"]


async def _definition(cluster: Cluster, plural: str, spec: type[Shape]) -> Finding:
    name = f"{plural}.dragops.dev"
    try:
        definition = await cluster.get(CUSTOM_RESOURCE_DEFINITIONS, None, name)
    except NotFound:
        return fail("definitions", f"{name} is not installed", _CHART)
    except Refused:
        return skip("definitions", f"this kubeconfig may not read {name}")
    if missing := missing_fields(definition, spec):
        told = f"{name} is older than this command: it does not know {', '.join(missing)}"
        return fail("definitions", told, _CHART)
    return good("definitions", name)


async def _own_rights(cluster: Cluster, workspace: str) -> Finding:
    denied = [
        f"{verb} {resource}" + (f"/{part}" if part else "")
        for verb, resource, part in _VERBS
        if not await _may(cluster, workspace, verb, resource, part)
    ]
    if not denied:
        return good("kubeconfig", f"it may work with patterns in {workspace}")
    told = f"in {workspace} it may not {', '.join(denied)}"
    return warn("kubeconfig", told, "bind dragops-edit or dragops-operate there, if that is meant")


async def _may(cluster: Cluster, workspace: str, verb: str, resource: str, part: str) -> bool:
    attributes = {
        "group": "dragops.dev",
        "namespace": workspace,
        "verb": verb,
        "resource": resource,
        "subresource": part,
    }
    body = {
        "apiVersion": SELF_REVIEWS.api_version,
        "kind": SELF_REVIEWS.kind,
        "spec": {"resourceAttributes": attributes},
    }
    answer = await cluster.create(SELF_REVIEWS, None, body)
    return bool(answer["status"]["allowed"])


async def _resources(cluster: Cluster, workspace: str) -> AsyncIterator[Finding]:
    try:
        deployments = await cluster.list(DEPLOYMENTS, workspace)
    except DragopsError as exc:
        yield skip("resources", f"PatternDeployments of {workspace} cannot be listed: {exc}")
        return
    unready = [(d["metadata"]["name"], why) for d in deployments if (why := _unready(d))]
    for name, why in unready[:_SHOWN]:
        yield warn("resources", f"{workspace}/{name}: {why}", f"kubectl describe pdep {name}")
    if not unready:
        yield good("resources", f"{len(deployments)} PatternDeployments in {workspace}, all ready")


def _unready(deployment: Object) -> str:
    for condition in deployment.get("status", {}).get("conditions", ()):
        if condition["type"] == "Ready":
            if condition["status"] == "True":
                return ""
            return f"{condition['reason']}: {condition.get('message', '')}"
    return "the operator has not looked at it yet"


def _served(served: list[str], workspace: str) -> Finding:
    if workspace in served or "*" in served:
        return good("workspaces", f"the chart lists {', '.join(served)}")
    return fail(
        "workspaces",
        f"the chart lists {', '.join(served)}, but not {workspace}",
        f"helm upgrade with {workspace} in the value workspaces, or choose another: -w NAME",
    )


def _is_ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _trouble(pod: Object) -> str:
    metadata, status = pod["metadata"], pod.get("status", {})
    reasons = [_container_trouble(c) for c in status.get("containerStatuses", ())]
    if not any(reasons):
        reasons = [
            f"{c['reason']}: {c.get('message', '')}"
            for c in status.get("conditions", ())
            if c["status"] == "False" and c.get("reason")
        ]
    why = "; ".join(reason for reason in reasons if reason) or status.get("phase", "unknown")
    return f"{metadata['namespace']}/{metadata['name']} is not ready: {why}"


def _container_trouble(status: Object) -> str:
    waiting = status.get("state", {}).get("waiting", {})
    if reason := waiting.get("reason"):
        return f"{status['name']} {reason}: {waiting.get('message', '')}".removesuffix(": ")
    if not status.get("ready"):
        return f"{status['name']} runs and is not ready, after {status['restartCount']} restarts"
    return ""


def _describe(pod: Object) -> str:
    metadata = pod["metadata"]
    return f"kubectl -n {metadata['namespace']} describe pod {metadata['name']}"
