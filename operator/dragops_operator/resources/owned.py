"""The frame of every child: name, labels, and the owner whose deletion takes it along."""

from typing import Any

from dragops.model.pattern import Metadata
from dragops_operator.resources.names import DEPLOYMENT_LABEL, PART_OF

Object = dict[str, Any]


def child(
    api_version: str, kind: str, name: str, owner: Metadata, labels: dict[str, str] | None = None
) -> Object:
    """Start a child object of one PatternDeployment."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": owner.namespace,
            "labels": PART_OF | {DEPLOYMENT_LABEL: owner.name} | (labels or {}),
            "ownerReferences": [
                {
                    "apiVersion": "dragops.dev/v1",
                    "kind": "PatternDeployment",
                    "name": owner.name,
                    "uid": owner.uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
    }
