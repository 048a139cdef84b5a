"""The Environment of a run without a cluster: manifests as kubectl takes them, or two lists."""

import base64
import binascii
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from dragops.cli.files import Document, Object, read_documents
from dragops.engine.environment import NO_ENVIRONMENT, Environment, environment
from dragops.errors import BadInput
from dragops.model.environment import EnvironmentSpec


class _Lists(BaseModel):
    """What people write by hand."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, str] = {}
    secrets: dict[str, str] = {}


def read_environment(path: str | None) -> Environment:
    """Read an Environment with its Secret, or an object of variables and secrets."""
    if path is None:
        return NO_ENVIRONMENT
    documents = read_documents(path)
    if "kind" not in documents[0].data:
        lists = _lists(documents[0])
        return environment(lists.variables, lists.secrets)
    found = [each for each in documents if each.data.get("kind") == "Environment"]
    if len(found) != 1:
        raise BadInput(path, f"holds {len(found)} Environments; a run has one")
    spec = _spec(found[0])
    secrets = _secrets(documents, spec.secret_ref.name) if spec.secret_ref else {}
    return environment(spec.variables, secrets)


def _lists(document: Document) -> _Lists:
    try:
        return _Lists.model_validate(document.data)
    except ValidationError as exc:
        raise document.misshapen(exc) from exc


def _spec(document: Document) -> EnvironmentSpec:
    try:
        return EnvironmentSpec.model_validate(document.data.get("spec") or {})
    except ValidationError as exc:
        raise document.misshapen(exc, "spec") from exc


def _secrets(documents: list[Document], name: str) -> dict[str, str]:
    for document in documents:
        data = document.data
        if data.get("kind") == "Secret" and _object(data, "metadata").get("name") == name:
            plain = {key: str(value) for key, value in _object(data, "stringData").items()}
            return {**_decoded(document), **plain}
    return {}


def _decoded(document: Document) -> dict[str, str]:
    found = {}
    for key, value in _object(document.data, "data").items():
        try:
            found[key] = base64.b64decode(str(value), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as exc:
            # the value may be the secret itself: it is not repeated
            raise document.fault(f"data.{key} is no base64 of a text", "data", key) from exc
    return found


def _object(data: Object, key: str) -> dict[str, Any]:
    held = data.get(key)
    return held if isinstance(held, dict) else {}
