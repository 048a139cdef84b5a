"""Kubeconfigs: how each client finds the API server and who it is there."""

import base64
import json
from pathlib import Path

from dragops_localcluster.layout import Layout

CLIENTS = ["admin", "controller-manager", "scheduler", "proxy", "kubelet"]
CONTEXT = "local"


def write_kubeconfigs(layout: Layout) -> None:
    """Write one file a client, readable by its owner only."""
    layout.config.mkdir(parents=True, exist_ok=True)
    for who in CLIENTS:
        path = layout.kubeconfig_of(who)
        path.touch(mode=0o600)
        path.write_text(json.dumps(_kubeconfig(layout, who), indent=1))


def _kubeconfig(layout: Layout, who: str) -> dict[str, object]:
    cluster = {
        "server": layout.server,
        "certificate-authority-data": _base64(layout.pki / "ca.crt"),
    }
    user = {
        "client-certificate-data": _base64(layout.pki / f"{who}.crt"),
        "client-key-data": _base64(layout.pki / f"{who}.key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": who, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": who}}],
    }


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
