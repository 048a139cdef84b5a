"""An Event on a deployment, named after what it tells: the same thing twice is one Event."""

from typing import NamedTuple

from dragops.model.ids import short_hash
from dragops.model.pattern import Metadata
from dragops_operator.resources.owned import Object

_COMPONENT = "dragops-operator"


class Told(NamedTuple):
    """One thing that happened; ``about`` tells it from the same thing at another time."""

    type: str
    reason: str
    message: str
    about: str


def event(owner: Metadata, told: Told, *, now: str) -> Object:
    """Build the Event of one thing that happened to a deployment."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{owner.name}.{short_hash(owner.uid, told.reason, told.about)}",
            "namespace": owner.namespace,
        },
        "involvedObject": {
            "apiVersion": "dragops.dev/v1",
            "kind": "PatternDeployment",
            "name": owner.name,
            "namespace": owner.namespace,
            "uid": owner.uid,
        },
        "type": told.type,
        "reason": told.reason,
        "message": told.message,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "count": 1,
        "firstTimestamp": now,
        "lastTimestamp": now,
    }
