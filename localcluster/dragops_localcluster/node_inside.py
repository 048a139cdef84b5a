"""What the supervisor does inside the namespaces of a node: mounts, network, the node's components.

The host sees none of it, and the kernel takes it all back when the supervisor, process 1 here,
ends.
"""

import datetime
import os
import signal
import subprocess
from pathlib import Path

from dragops_localcluster import components
from dragops_localcluster.cgroups import remove_cgroups
from dragops_localcluster.layout import NODE_NAME, Layout
from dragops_localcluster.probe import Probe
from dragops_localcluster.processes import Processes

# The kubelet insists on these values and would set them for the whole machine.
SYSCTLS = {
    "vm/overcommit_memory": "1",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def settle_in(layout: Layout) -> None:
    """Give the node folders and a network of its own."""
    _run("mount", "--make-rshared", "/")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for own, usual in {"var-lib": "/var/lib", "var-log": "/var/log"}.items():
        (layout.run / own).mkdir(exist_ok=True)
        _run("mount", "--bind", str(layout.run / own), usual)
    _run("mount", "--bind", str(layout.config / "resolv.conf"), "/etc/resolv.conf")
    _cover_sysctls()
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "addr", "add", f"{layout.slot.node_address}/24", "dev", "eth0")
    _run("ip", "link", "set", "eth0", "up")
    _run("ip", "route", "add", "default", "via", layout.slot.host_address)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def start_node(layout: Layout, processes: Processes) -> None:
    """Start what makes a node; return when it is ready by a report of its own from after now."""
    began = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    probe = Probe(layout)
    processes.wait_until("containerd answers", _containerd_answers)
    _import_pause(layout)
    processes.start("kubelet", components.kubelet(layout))
    processes.start("kube-proxy", components.kube_proxy(layout))
    processes.start("coredns", components.coredns(layout))
    processes.wait_until("the node is ready", lambda: _is_ready(probe, began))


def clear_out(layout: Layout) -> None:
    """Kill what the containers left and remove the groups; only process 1 of namespaces may."""
    if os.getpid() != 1:
        return
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    except (ChildProcessError, ProcessLookupError):
        remove_cgroups(layout.slot)


def _cover_sysctls() -> None:
    covers = Path("/run/sysctl")
    covers.mkdir()
    for name, value in SYSCTLS.items():
        cover = covers / name.replace("/", ".")
        cover.write_text(f"{value}\n")
        _run("mount", "--bind", str(cover), f"/proc/sys/{name}")


def _containerd_answers() -> bool:
    return subprocess.run(["ctr", "version"], capture_output=True, check=False).returncode == 0


def _import_pause(layout: Layout) -> None:
    _run("ctr", "--namespace", "k8s.io", "images", "import", str(layout.run / "pause.tar"))


def _is_ready(probe: Probe, began: str) -> bool:
    """Say whether the node is ready; what an earlier kubelet reported does not count."""
    node = probe.json(f"/api/v1/nodes/{NODE_NAME}")
    conditions = node["status"].get("conditions", [])
    ready = [
        entry["lastHeartbeatTime"] >= began
        for entry in conditions
        if entry["type"] == "Ready" and entry["status"] == "True"
    ]
    return any(ready) and not node["spec"].get("taints")


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(argv)} failed: {done.stderr.strip()}")
