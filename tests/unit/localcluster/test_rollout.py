"""Which pods are deleted so that an upgrade can go on."""

from typing import Any

import pytest

from dragops_localcluster.rollout import is_stuck, pull_faults

NEWEST = {"dragops-api": "api-2"}


def _pod(*, owner: str = "dragops-api", revision: str = "api-1", ready: str = "False") -> Any:
    return {
        "metadata": {
            "ownerReferences": [{"name": owner}],
            "labels": {"controller-revision-hash": revision},
        },
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    }


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (_pod(), True),
        (_pod(ready="True"), False),
        (_pod(revision="api-2"), False),
        (_pod(owner="dragops-operator-5f"), False),
        ({"metadata": {}, "status": {}}, False),
        (_pod() | {"status": {}}, True),
    ],
    ids=["old and broken", "old and well", "new", "of a Deployment", "of nobody", "not begun"],
)
def test_only_a_broken_pod_of_an_older_template_is_stuck(pod: Any, expected: bool) -> None:
    """A pod that works is replaced by its controller; a new one may still become ready."""
    assert is_stuck(pod, NEWEST) is expected


HOW = "push it, or mend images.* in your values"


def _with_image(image: str, state: Any, **metadata: str) -> Any:
    return {
        "metadata": metadata,
        "status": {"containerStatuses": [{"image": image, "state": state}]},
    }


def _waiting(image: str, **waiting: str) -> Any:
    return _with_image(image, {"waiting": waiting})


def test_an_image_that_no_node_gets_is_told_once_with_what_to_do() -> None:
    """Waiting on would end in nothing but a timeout."""
    pods = [
        _waiting("r/api:1", reason="ImagePullBackOff", message="no such host"),
        _waiting("r/api:1", reason="ImagePullBackOff", message="no such host"),
        _waiting("R/engine", reason="InvalidImageName"),
    ]

    assert pull_faults(pods) == [
        f"a node cannot get the image R/engine: InvalidImageName; {HOW}",
        f"a node cannot get the image r/api:1: no such host; {HOW}",
    ]


@pytest.mark.parametrize(
    "pod",
    [
        {"metadata": {}, "status": {}},
        _waiting("r/api:1", reason="ContainerCreating"),
        _waiting("r/api:1", reason="ErrImagePull", message="the first attempt"),
        _waiting("r/api:1", reason="CrashLoopBackOff"),
        _with_image("r/api:1", {"running": {}}),
        _with_image(
            "r/api:1", {"waiting": {"reason": "ImagePullBackOff"}}, deletionTimestamp="now"
        ),
    ],
    ids=["not begun", "creating", "first attempt", "crashing", "running", "being replaced"],
)
def test_a_pod_that_may_still_become_ready_is_waited_for(pod: Any) -> None:
    """The kubelet tries again by itself, and controllers replace pods."""
    assert pull_faults([pod]) == []
