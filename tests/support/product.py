"""An installed DragOps seen from outside: what `.local/env` names, curl's calls, kubectl's."""

import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


@dataclass
class Product:
    """Where the product is, and who calls it."""

    url: str
    token: str
    workspace: str
    kubeconfig: str
    kubectl_command: list[str]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @classmethod
    def of(cls, env: Mapping[str, str], kubectl: list[str]) -> "Product":
        """Read what `.local/env` holds."""
        return cls(
            url=env["DRAGOPS_URL"],
            token=env["DRAGOPS_TOKEN"],
            workspace=env["DRAGOPS_WORKSPACE"],
            kubeconfig=env["KUBECONFIG"],
            kubectl_command=kubectl,
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call the REST API as the user of `.local/env`."""
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.http.request(method, self.url + path, json=body, headers=sent)

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API, want success, give the enveloped data."""
        answer = self.call(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def kubectl(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        """Run kubectl; give what it printed, errors included where they are wanted."""
        ran = subprocess.run(
            [*self.kubectl_command, "--kubeconfig", self.kubeconfig, "-n", self.workspace, *args],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or ran.returncode == 0, f"kubectl {args}: {ran.stdout}{ran.stderr}"
        return ran.stdout if check else ran.stdout + ran.stderr

    def apply(self, *manifests: dict[str, Any], check: bool = True) -> str:
        """Apply manifests as `kubectl apply --server-side -f -` does."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
        return self.kubectl("apply", "--server-side", "-f", "-", stdin=text, check=check)

    def deploy(self, graph: dict[str, Any], name: str) -> tuple[str, str]:
        """Create and deploy a pattern by REST; give the pattern's and the deployment's id."""
        created = self.data("POST", "/api/patterns", {"name": name, "graphData": graph})
        deployed = self.data(
            "POST", f"/api/patterns/{created['id']}/deploy", {"nodeDefinitions": {}}
        )
        assert deployed["status"] == "active", deployed
        return created["id"], deployed["deploymentId"]

    def endpoint(self, deployment_id: str) -> dict[str, str]:
        """Give the only webhook endpoint of a deployment."""
        (endpoint,) = self.data("GET", f"/api/deployments/{deployment_id}/webhook")
        return endpoint

    def runs(self, deployment_id: str, query: str = "") -> list[dict[str, Any]]:
        """List a deployment's runs, newest first."""
        return self.data("GET", f"/api/deployments/{deployment_id}/runs?limit=100{query}")


def signed(secret: str, body: bytes) -> str:
    """Give the hex HMAC-SHA256 that every scheme here is made of."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def eventually(ask: Callable[[], T], *, seconds: float = 30, every: float = 0.2) -> T:
    """Ask until the answer is true, and give it; the last answer is in the failure."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"not within {seconds} s; last answer: {answer!r}"
        time.sleep(every)
    return answer


def graph(nodes: dict[str, tuple[str, dict[str, Any]]], *wires: str) -> dict[str, Any]:
    """Build ``graphData``: nodes by id as (type, values), wires as ``a.exec -> b.exec``."""
    pairs = [[end.strip().split(".") for end in wire.split("->")] for wire in wires]
    return {
        "nodes": [
            {"id": id_, "type": type_, "position": {"x": 0, "y": 0}, "data": {"values": values}}
            for id_, (type_, values) in nodes.items()
        ],
        "edges": [
            {"id": f"e{n}", "source": a, "sourceHandle": out, "target": b, "targetHandle": in_}
            for n, ((a, out), (b, in_)) in enumerate(pairs)
        ],
    }


LOGGER = graph(
    {
        "hook": ("OnWebhook", {"webhookAlias": "main"}),
        "who": ("GetProperty", {"key": "pusher.name"}),
        "text": ("Format", {"template": "{who} pushed"}),
        "log": ("Log", {}),
    },
    "hook.exec -> log.exec",
    "hook.body -> who.object",
    "who.value -> text.who",
    "text.result -> log.message",
)
"""On Webhook -> Format -> Log: what most of these tests deploy."""
