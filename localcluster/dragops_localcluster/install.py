"""The product into a cluster: images, chart, a token; the same for people and tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from dragops_localcluster.app_image import REPOSITORY, build_images
from dragops_localcluster.image_import import load_image
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress
from dragops_localcluster.release import HERE, MARK, RELEASE, heal_release
from dragops_localcluster.rollout import replace_stuck_pods, wait_for_answer, wait_for_rollout
from dragops_localcluster.storage import volume_manifests
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

WORKSPACE = "default"
USER = "dragops-user"
NODE_PORT = 30080


@dataclass(frozen=True, slots=True)
class Installed:
    """A cluster with the product in it, and what a caller needs to use it."""

    target: Target
    env: Mapping[str, str]


def install_locally(target: Target, layout: Layout, progress: Progress) -> Mapping[str, str]:
    """Install this checkout on the local node; give what ``.local/env`` holds."""
    images = build_images(progress)
    for image in images.values():
        done = "loaded" if load_image(layout, image) else "already there:"
        progress.say(f"{done} {image.reference}")
    manifests = {"apiVersion": "v1", "kind": "List", "items": volume_manifests(layout)}
    target.kubectl("apply", "--server-side", "--filename=-", stdin=json.dumps(manifests))
    url = f"http://{layout.slot.node_address}:{NODE_PORT}"
    install_chart(
        target,
        *[f"images.{name}={image.reference}" for name, image in images.items()],
        *["api.service.type=NodePort", f"api.service.nodePort={NODE_PORT}", f"publicUrl={url}"],
        f"networkPolicy.apiServer.ports={{443,{layout.slot.port('apiserver')}}}",
    )
    wait_for_answer(url)
    progress.say(f"the chart is installed and ready: {url}")
    return environment(target, url, str(layout.kubeconfig))


def install_chart(target: Target, *values: str, file: str = "") -> None:
    """Install or upgrade, and wait until all is ready; on failure say which pods are not."""
    settings = [word for value in values for word in ("--set", value)]
    settings += ["--values", file] if file else []
    heal_release(target)
    target.helm(
        *["upgrade", "--install", RELEASE, str(REPOSITORY / "helm/dragops"), *HERE],
        *["--create-namespace", "--labels", MARK, "--set", "user.create=true", *settings],
    )
    replace_stuck_pods(target)
    try:
        wait_for_rollout(target)
    except Trouble as exc:
        pods = target.kubectl("get", "pods", "--output=wide", *HERE)
        raise Trouble(f"{exc}\n{pods}") from exc


def environment(
    target: Target, url: str, kubeconfig: str, workspace: str = WORKSPACE
) -> dict[str, str]:
    """Make a token that lasts a day, and name all that a caller needs."""
    token = target.kubectl(
        *["create", "token", USER, "--namespace", workspace],
        *["--audience", "dragops-api", "--duration", "24h"],
    )
    return {
        "DRAGOPS_URL": url,
        "DRAGOPS_TOKEN": token.strip(),
        "DRAGOPS_WORKSPACE": workspace,
        "KUBECONFIG": kubeconfig,
    }
