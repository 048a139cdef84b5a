"""The kind cluster ``dragops`` of a Docker engine: made or found, and deleted only if we made it.

Two files of its folder remember: ``begun`` says that ``make up`` began to make it, ``made`` holds
the number of the node's container, as another cluster of this name has another one.
"""

import json
import re
from collections.abc import Set
from enum import Enum
from pathlib import Path

from dragops_localcluster.docker_programs import DockerPrograms
from dragops_localcluster.forward import first_free
from dragops_localcluster.install import NODE_PORT
from dragops_localcluster.trouble import Trouble

CLUSTER = "dragops"
CONTEXT = f"kind-{CLUSTER}"
NODE = f"{CLUSTER}-control-plane"
NAMED = f"--name={CLUSTER}"
PORTS = range(NODE_PORT, NODE_PORT + 20)


class Step(Enum):
    """What has to happen so that the cluster is there."""

    CREATE = "create"
    CREATE_ANEW = "create anew"
    USE_OURS = "use ours"
    USE_THEIRS = "use theirs"


def next_step(existing: Set[str], *, begun: bool, made: str, found: str) -> Step:
    """Decide from kind's list, from what was noted, and from which node is there now."""
    if CLUSTER not in existing:
        return Step.CREATE
    if not begun or (made and made != found):
        return Step.USE_THEIRS
    # Killed while it was made: kind cannot finish such a cluster, only delete it.
    return Step.USE_OURS if made else Step.CREATE_ANEW


def cluster_config(port: int) -> dict[str, object]:
    """Describe the cluster: one node, with the API's NodePort on a port of this machine only."""
    mapping = {"containerPort": NODE_PORT, "hostPort": port, "listenAddress": "127.0.0.1"}
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": "control-plane", "extraPortMappings": [mapping]}],
    }


def port_in(said: str) -> int:
    """Read a port of this machine from what ``docker port`` says of all ports of a node."""
    found = re.search(
        rf"^{NODE_PORT}/tcp -> (?:127\.0\.0\.1|0\.0\.0\.0):(\d+)$", said, re.MULTILINE
    )
    if not found:
        raise Trouble(
            f"the kind cluster {CLUSTER} is not one that make up made: no port of this machine"
            f" leads to its port {NODE_PORT}. Name it: make up CONTEXT={CONTEXT} VALUES=file"
        )
    return int(found[1])


def ensure_cluster(programs: DockerPrograms) -> Step:
    """Have the cluster; say whose it is."""
    folder = programs.folder
    folder.mkdir(parents=True, exist_ok=True)
    step = step_for(programs)
    if step in (Step.USE_OURS, Step.USE_THEIRS):
        programs.progress.say(f"using the kind cluster {CLUSTER}")
    else:
        (folder / "begun").write_text(programs.place)
        (folder / "made").unlink(missing_ok=True)
        if step is Step.CREATE_ANEW:
            delete_cluster(programs)
        _create(programs)
    kubeconfig = f"--kubeconfig={folder / 'kubeconfig'}"
    programs.ask("kind", "export", "kubeconfig", NAMED, kubeconfig)
    return step


def step_for(programs: DockerPrograms) -> Step:
    """Look at the engine and at what was noted, and decide."""
    begun, made = programs.folder / "begun", programs.folder / "made"
    existing = frozenset(programs.ask("kind", "get", "clusters").split())
    return next_step(
        existing,
        begun=begun.exists(),
        made=made.read_text() if made.exists() else "",
        found=_node(programs) if CLUSTER in existing else "",
    )


def delete_cluster(programs: DockerPrograms) -> None:
    """Delete the cluster of our name, whosever it is."""
    kubeconfig = f"--kubeconfig={programs.folder / 'kubeconfig'}"
    programs.ask("kind", "delete", "cluster", NAMED, kubeconfig)


def mapped_port(programs: DockerPrograms) -> int:
    """Give the port of this machine that leads to the API's NodePort."""
    return port_in(programs.ask("docker", "port", NODE))


def load_into_node(reference: str, programs: DockerPrograms) -> None:
    """Give the node an image that the engine has."""
    programs.run(f"loading {reference}", "kind", "load", "docker-image", reference, NAMED)


def begun_at(folder: Path) -> str:
    """Give the engine in which ``make up`` began to make a cluster; empty if it never did."""
    begun = folder / "begun"
    return begun.read_text() if begun.exists() else ""


def _create(programs: DockerPrograms) -> None:
    config = programs.folder / "cluster.json"
    config.write_text(json.dumps(cluster_config(first_free([*PORTS]))))
    words = [f"--config={config}", f"--kubeconfig={programs.folder / 'kubeconfig'}", "--wait=3m"]
    what = f"making the kind cluster {CLUSTER}"
    programs.run(what, "kind", "create", "cluster", NAMED, *words)
    (programs.folder / "made").write_text(_node(programs))


def _node(programs: DockerPrograms) -> str:
    return programs.ask("docker", "inspect", "--format={{.Id}}", NODE).strip()
