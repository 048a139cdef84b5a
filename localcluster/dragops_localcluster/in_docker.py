"""``make up`` and ``make down`` in a Docker engine: kind's cluster, the engine's images."""

import shutil
from pathlib import Path

from dragops_localcluster import kind
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.docker_images import build_in_docker
from dragops_localcluster.docker_programs import DockerPrograms, need_docker_programs
from dragops_localcluster.elsewhere import enter
from dragops_localcluster.install import NODE_PORT, Installed, environment, install_chart
from dragops_localcluster.progress import Progress
from dragops_localcluster.rollout import wait_for_answer
from dragops_localcluster.target import Target


def install_in_docker(place: str, own: Path, progress: Progress) -> Installed:
    """Install this checkout into the kind cluster of the engine at ``place``."""
    need_docker_programs()
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    programs = DockerPrograms(place, own / "kind", progress)
    step = kind.ensure_cluster(programs)
    url = f"http://127.0.0.1:{kind.mapped_port(programs)}"
    target = Target(str(programs.folder / "kubeconfig"), kind.CONTEXT, program, helm)
    if step is kind.Step.USE_THEIRS:
        enter(target, own)
    images = build_in_docker(programs)
    for reference in images.values():
        kind.load_into_node(reference, programs)
    install_chart(
        target,
        *[f"images.{name}={reference}" for name, reference in images.items()],
        *["api.service.type=NodePort", f"api.service.nodePort={NODE_PORT}", f"publicUrl={url}"],
    )
    wait_for_answer(url)
    progress.say(f"the chart is installed and ready: {url}")
    return Installed(target, environment(target, url, target.kubeconfig))


def remove_from_docker(own: Path, progress: Progress) -> None:
    """Delete the cluster if ``make up`` made it; images stay in the engine."""
    folder = own / "kind"
    place = kind.begun_at(folder)
    if place:
        need_docker_programs()
        programs = DockerPrograms(place, folder, progress)
        if kind.step_for(programs) in (kind.Step.USE_OURS, kind.Step.CREATE_ANEW):
            kind.delete_cluster(programs)
            progress.say(f"the kind cluster {kind.CLUSTER} is gone")
        progress.say("images stay in your Docker engine: docker image ls 'localhost/dragops-*'")
    shutil.rmtree(folder, ignore_errors=True)
