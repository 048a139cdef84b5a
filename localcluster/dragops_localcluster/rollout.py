"""Waiting for what helm has changed, and the one case in which waiting would never end.

A StatefulSet does not replace a pod that never became ready, not even when its template has been
mended since (kubernetes/kubernetes#67250); ``helm --wait`` would wait for it in vain.
"""

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from dragops_localcluster.release import HERE
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

READY_SECONDS = 180
LOOK_SECONDS = 5
SEEN_SECONDS = 10
CANNOT_PULL = ("ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")
ANSWER_SECONDS = 60


def wait_for_rollout(target: Target, *, seconds: float = READY_SECONDS) -> None:
    """Wait until every pod of the release is there in its newest form, or cannot ever be."""
    names = target.kubectl("get", "statefulsets,deployments", "--output=name", *HERE).split()
    deadline = time.monotonic() + seconds
    for name in names:
        while True:
            try:
                target.kubectl("rollout", "status", name, f"--timeout={LOOK_SECONDS}s", *HERE)
                break
            except Trouble:
                faults = pull_faults(_items(target, "pods"))
                if faults:
                    raise Trouble("\n".join(faults)) from None
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)


def pull_faults(pods: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say of each image that a node has tried in vain to get why, and what to do."""
    found = {}
    for pod in pods:
        # One that is being replaced says nothing about the next.
        if pod["metadata"].get("deletionTimestamp"):
            continue
        for container in pod["status"].get("containerStatuses", ()):
            waiting = container["state"].get("waiting", {})
            if waiting.get("reason") in CANNOT_PULL:
                found[container["image"]] = waiting.get("message", waiting["reason"])
    return [
        f"a node cannot get the image {image}: {why}; push it, or mend images.* in your values"
        for image, why in sorted(found.items())
    ]


def wait_for_answer(url: str, *, seconds: float = ANSWER_SECONDS) -> None:
    """Wait until the API answers at its address: pods are ready before the node's proxy knows."""
    # A proxy from the environment knows nothing of the node's address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while True:
        try:
            with opener.open(f"{url}/readyz", timeout=5):
                return
        except OSError as exc:
            if time.monotonic() > deadline:
                raise Trouble(f"{url} does not answer after {seconds:.0f} s: {exc}") from exc
        time.sleep(0.1)


def replace_stuck_pods(target: Target) -> None:
    """Delete pods of older templates that are not ready: nobody else does."""
    revisions = _newest_revisions(target)
    for pod in _items(target, "pods"):
        if is_stuck(pod, revisions):
            target.kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false", *HERE)


def is_stuck(pod: Mapping[str, Any], revisions: Mapping[str, str]) -> bool:
    """Say whether a pod belongs to a StatefulSet, to an older template of it, and is not ready."""
    metadata = pod["metadata"]
    owners = [owner["name"] for owner in metadata.get("ownerReferences", ())]
    newest = [revisions[name] for name in owners if name in revisions]
    conditions = pod["status"].get("conditions", ())
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    label = metadata.get("labels", {}).get("controller-revision-hash")
    return bool(newest) and not ready and label not in newest


def _newest_revisions(target: Target) -> dict[str, str]:
    """Give the newest template's name of each StatefulSet, once its controller has seen it."""
    deadline = time.monotonic() + SEEN_SECONDS
    while True:
        sets = _items(target, "statefulsets")
        seen = [one["status"].get("observedGeneration") for one in sets]
        if seen == [one["metadata"]["generation"] for one in sets] or time.monotonic() > deadline:
            return {
                one["metadata"]["name"]: one["status"].get("updateRevision", "") for one in sets
            }
        time.sleep(0.1)


def _items(target: Target, kind: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(target.kubectl("get", kind, "--output=json", *HERE))[
        "items"
    ]
    return items
