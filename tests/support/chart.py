"""The chart, rendered by the real helm; a missing helm is a failure, never a skip."""

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.progress import Progress

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm/dragops"
NAMESPACE = "dragops"
KUBE_VERSION = "1.35.0"

Object = dict[str, Any]

EVERYTHING: dict[str, Any] = {
    "workspaces": ["team-a", "team-b"],
    "defaultWorkspace": "team-b",
    "createWorkspaces": True,
    "publicUrl": "https://hooks.example.com",
    "imagePullSecrets": ["registry"],
    "user": {"create": True},
    "api": {"service": {"type": "NodePort", "nodePort": 30080}},
    "engine": {"egress": {"allow": ["10.20.0.0/16", "*.lab.example"]}},
    "store": {"storageClass": "local", "size": "1Gi"},
    "oidc": [
        {
            "issuer": "https://login.example.com:8443/realms/team",
            "audiences": ["dragops"],
            "jwksUrl": "https://keys.example.com/keys?v=1",
            "usernameClaim": "email",
            "usernamePrefix": "",
            "groupsClaim": "roles",
            "groupsPrefix": "login:",
            "extra": {"example.com/tenant": "tenant"},
            "algorithms": ["ES256", "RS256"],
            "leewaySeconds": 0,
            "certificateAuthority": "",
        }
    ],
}
VALUES: list[dict[str, Any]] = [
    {},
    EVERYTHING,
    {"crds": {"enabled": False}, "networkPolicy": {"enabled": False}},
]
"""What the tests render: nothing set, all set, all left out that can be."""


def helm(*arguments: str, values: Object | None = None) -> subprocess.CompletedProcess[str]:
    """Run helm with values on its standard input."""
    program = ensure_binary(HELM, Progress(sys.stderr))
    return subprocess.run(
        [str(program), *arguments, "--kube-version", KUBE_VERSION, "--values", "-"],
        input=json.dumps(values or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def render(**values: Any) -> list[Object]:
    """Give the objects that the chart makes of these values."""
    return json.loads(_rendered(json.dumps(values)))


@functools.cache
def _rendered(values: str) -> str:
    done = helm("template", "dragops", str(CHART), "-n", NAMESPACE, values=json.loads(values))
    assert done.returncode == 0, done.stderr
    return json.dumps([found for found in yaml.safe_load_all(done.stdout) if found])


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    """Give the objects of these kinds."""
    return [found for found in objects if found["kind"] in kinds]


def named(objects: list[Object], kind: str, name: str) -> Object:
    """Give the one object of this kind and name."""
    (found,) = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


def pod_specs(objects: list[Object]) -> list[Object]:
    """Give the pods of all workloads."""
    return [found["spec"]["template"]["spec"] for found in of_kind(objects, *_WORKLOADS)]


_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
