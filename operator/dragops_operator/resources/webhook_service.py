"""A deployment's Service: a stable name for the engines, for an Ingress to point at."""

from dragops.model.pattern import Metadata
from dragops_operator.resources.names import POOL, service_name
from dragops_operator.resources.owned import Object, child


def webhook_service(owner: Metadata) -> Object:
    """Build the Service in front of the engine pool's public port."""
    built = child("v1", "Service", service_name(owner.name), owner)
    built["spec"] = {
        "type": "ClusterIP",
        "selector": {"app.kubernetes.io/name": POOL},
        "ports": [{"name": "http", "port": 80, "targetPort": "public", "protocol": "TCP"}],
    }
    return built
