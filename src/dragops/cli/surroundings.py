"""The Environment of a run without a cluster: manifests as kubectl takes them, or two lists."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from dragops.cli.files import Document, Object, name_of, read_documents
from dragops.engine.environment import Environment, environment
from dragops.errors import BadInput
from dragops.model.bundle import ENVIRONMENT_LABEL
from dragops.model.environment import EnvironmentSpec

Note = Callable[[str], None]
_LABEL = f'the label {ENVIRONMENT_LABEL}: "true"'
_NONE = "no Environment: write one, or two objects, variables and secrets"


class _Lists(BaseModel):
    """What people write by hand."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, str] = {}
    secrets: dict[str, str] = {}


def read_environment(path: str, note: Note) -> Environment:
    """Read an Environment with its Secret, or an object of variables and secrets."""
    documents = read_documents(path)
    if "kind" not in documents[0].data:
        lists = documents[0].shaped(_Lists, documents[0].data)
        return environment(lists.variables, lists.secrets)
    found = [each for each in documents if each.data.get("kind") == "Environment"]
    if len(found) != 1:
        held = f"{len(found)} Environments; a run has one" if found else _NONE
        raise BadInput(name_of(path), f"holds {held}")
    return environment_of(found[0], documents, note)


def environment_of(named: Document, documents: Iterable[Document], note: Note) -> Environment:
    """Read an Environment, and its Secret among documents; ``note`` is told what is not there."""
    spec = named.shaped(EnvironmentSpec, named.data.get("spec") or {}, "spec")
    if spec.secret_ref is None:
        return environment(spec.variables, {})
    name = spec.secret_ref.name
    secret = next((each for each in documents if _is_secret(each, name)), None)
    if secret is None:
        note(f"{named.file}: holds no Secret {name}: this run has no secrets")
        return environment(spec.variables, {})
    if _object(_object(secret.data, "metadata"), "labels").get(ENVIRONMENT_LABEL) != "true":
        note(f"{secret.file}: engines read the Secret {name} only with {_LABEL}")
    return environment(spec.variables, _secrets(secret))


def _is_secret(document: Document, name: str) -> bool:
    data = document.data
    return data.get("kind") == "Secret" and _object(data, "metadata").get("name") == name


def _secrets(document: Document) -> dict[str, str]:
    plain = _object(document.data, "stringData")
    for key, value in plain.items():
        if not isinstance(value, str):
            told = f"stringData.{key}: is no text: put it in quotes"
            raise document.fault(told, "stringData", key)
    return {**_decoded(document), **plain}


def _decoded(document: Document) -> dict[str, str]:
    found = {}
    for key, value in _object(document.data, "data").items():
        try:
            found[key] = base64.b64decode(str(value), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as exc:
            # the value may be the secret itself: it is not repeated
            raise document.fault(
                f"data.{key} is no base64 of a text: a text itself stands under stringData",
                "data",
                key,
            ) from exc
    return found


def _object(data: Object, key: str) -> dict[str, Any]:
    held = data.get(key)
    return held if isinstance(held, dict) else {}
