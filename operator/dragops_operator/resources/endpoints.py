"""The Secret with the ids and signing secrets of a deployment's webhooks."""

import base64
from collections.abc import Mapping

from dragops.model.endpoints import EndpointKeys, texts_of
from dragops.model.pattern import Metadata
from dragops_operator.resources.names import secret_name
from dragops_operator.resources.owned import Object, child


def endpoints_secret(owner: Metadata, keys: Mapping[str, EndpointKeys]) -> Object:
    """Build the Secret of all endpoints, those of removed nodes included."""
    built = child("v1", "Secret", secret_name(owner.name), owner)
    built["data"] = {
        key: base64.b64encode(text.encode()).decode() for key, text in texts_of(keys).items()
    }
    return built
