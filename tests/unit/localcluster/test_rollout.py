"""Which pods are deleted so that an upgrade can go on."""

from typing import Any

import pytest

from dragops_localcluster.rollout import is_stuck

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
