"""The one process that holds a cluster: it starts the components, watches and stops them.

``python -m dragops_localcluster.supervisor RUN`` is started by ``cluster``, for the form with a
node inside new namespaces, where it is process 1. It waits on its standard input for one word:
"attached" means to end when that input ends (tests: the cluster dies with them), "detached" to
stay.
"""

import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from dragops_localcluster import components, node_inside
from dragops_localcluster.layout import Layout
from dragops_localcluster.probe import Probe
from dragops_localcluster.processes import Processes
from dragops_localcluster.trouble import Trouble

# The kubelet first, so that it restarts nothing; etcd after all who write to it.
STOP_ORDER = [
    *["kubelet", "kube-proxy", "coredns", "kube-scheduler", "kube-controller-manager"],
    *["kube-apiserver", "etcd", "containerd"],
]


def start_control_plane(layout: Layout, processes: Processes) -> None:
    """Start etcd, API server, controllers and scheduler; return when a namespace can be used."""
    probe = Probe(layout)
    processes.start("etcd", components.etcd(layout))
    processes.wait_until("etcd listens", lambda: _listens(layout.slot.port("etcd")))
    processes.start("kube-apiserver", components.apiserver(layout))
    processes.wait_until("the API server is alive", lambda: probe.text("/livez") == "ok")
    processes.start("kube-controller-manager", components.controller_manager(layout))
    processes.start("kube-scheduler", components.scheduler(layout))
    processes.wait_until("the API server is ready", lambda: probe.text("/readyz") == "ok")
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    processes.wait_until("the namespace default has its account", lambda: probe.json(account))


def supervise(layout: Layout, *, attached: bool) -> None:
    """Run the cluster until a SIGTERM or, attached, until standard input ends."""
    processes = Processes(layout.run, layout.logs)
    try:
        if layout.has_node:
            node_inside.settle_in(layout)
            processes.start("containerd", components.containerd(layout))
        start_control_plane(layout, processes)
        print("the control plane answers", flush=True)
        if layout.has_node:
            node_inside.start_node(layout, processes)
            print("the node is ready", flush=True)
        (layout.run / "ready").touch()
        while not (attached and _input_has_ended()):
            processes.reap()
            if not attached:
                time.sleep(0.2)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        processes.stop(STOP_ORDER)
        if layout.has_node:
            node_inside.clear_out(layout)


def main() -> None:
    """Wait for the word, then supervise."""
    signal.signal(signal.SIGTERM, _leave)
    layout = Layout.load(Path(sys.argv[1]))
    word = os.read(0, 16).decode().strip()
    if not layout or not word:
        return
    try:
        supervise(layout, attached=word == "attached")
    except (Trouble, OSError) as exc:
        sys.exit(f"trouble: {exc}")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _input_has_ended() -> bool:
    readable, _, _ = select.select([0], [], [], 0.2)
    return bool(readable) and not os.read(0, 16)


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


if __name__ == "__main__":
    main()
