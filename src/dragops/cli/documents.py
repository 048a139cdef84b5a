"""Pattern files: Kubernetes manifests as YAML, or what the API speaks as JSON; ``-`` is stdin."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from dragops.errors import BadInput
from dragops.model.graph_data import GraphData, graph_of, spec_of
from dragops.model.ids import id_of
from dragops.model.pattern import PatternSpec

FILE_BYTES_MAX = 16 * 1024 * 1024
_EXPORT_KEYS = ("format", "formatVersion")
_REST_KEYS = ("name", "description", "tags", "isPublic", "isTemplate", "graphData")
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PatternFile:
    """A pattern of a file as the API takes it; ``id`` is what the file says of itself."""

    body: Object
    id: str | None
    source: str


def spec_of_file(file: PatternFile) -> PatternSpec:
    """Give the pattern of a file as the compiler takes it; BadInput says what in it is none."""
    body = file.body
    try:
        graph = GraphData.model_validate(body.get("graphData") or {})
        return spec_of(
            graph,
            title=str(body["name"]),
            description=str(body.get("description") or ""),
            tags=body.get("tags") or (),
        )
    except ValidationError as exc:
        raise _misshapen(file.source, "graphData", exc) from exc


def read_documents(path: str) -> list[Object]:
    """Read every document of a file, as it is."""
    found = [document for _, document in _documents(path)]
    if not found:
        raise BadInput(path, "holds no document")
    return found


def given_bytes(given: str) -> bytes:
    """Read what an option gives: ``@FILE`` and ``-`` say where it is, all else is it."""
    if given == "-" or given.startswith("@"):
        return _read(given.removeprefix("@"))
    return given.encode()


def given_json(given: str, name: str) -> Any:
    """Read JSON that an option gives."""
    try:
        return orjson.loads(given_bytes(given))
    except orjson.JSONDecodeError as exc:
        raise BadInput(name, f"is no JSON: {exc}") from exc


def _read(path: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as exc:
        raise BadInput(path, f"cannot be read: {exc.strerror}") from exc
    if len(data) > FILE_BYTES_MAX:
        raise BadInput(path, f"is larger than {FILE_BYTES_MAX} bytes")
    return data


def read_patterns(path: str) -> list[PatternFile]:
    """Read every pattern of a file; what belongs to kubectl is refused, not left out."""
    found = [_pattern(name, document) for name, document in _documents(path)]
    if not found:
        raise BadInput(path, "holds no pattern")
    return found


def read_pattern(path: str) -> PatternFile:
    """Read the one pattern of a file."""
    found = read_patterns(path)
    if len(found) > 1:
        raise BadInput(path, f"holds {len(found)} patterns; this command takes one")
    return found[0]


def _documents(path: str) -> Iterator[tuple[str, Object]]:
    name = "stdin" if path == "-" else path
    try:
        text = _read(path).decode()
    except UnicodeDecodeError as exc:
        raise BadInput(name, "is no text in UTF-8") from exc
    try:
        # JSON is YAML, but not in every corner: tabs, and 1e3
        documents = [orjson.loads(text)] if text.lstrip()[:1] == "{" else [*_all(text)]
    except (ValueError, yaml.YAMLError, RecursionError) as exc:
        raise BadInput(name, f"is neither YAML nor JSON: {' '.join(str(exc).split())}") from exc
    for number, document in enumerate(documents, 1):
        place = name if len(documents) == 1 else f"{name}, document {number}"
        if document is None:
            continue
        if not isinstance(document, dict):
            raise BadInput(place, "is no pattern: a pattern is an object")
        items = document.get("items") if document.get("kind") == "List" else [document]
        yield from ((place, item) for item in items or () if isinstance(item, dict))


def _all(text: str) -> Iterator[Any]:
    return yaml.safe_load_all(text)


def _pattern(place: str, document: Object) -> PatternFile:
    if "kind" in document or "apiVersion" in document:
        return _of_manifest(place, document)
    unknown = [key for key in document if key not in {*_REST_KEYS, *_EXPORT_KEYS, "id"}]
    body = {key: document[key] for key in _REST_KEYS if key in document}
    if "name" not in body:
        raise BadInput(place, "is neither a manifest (kind: Pattern) nor has it a name")
    # what the API itself says of a pattern may stay in a file that came from it
    if strange := [key for key in unknown if key not in _READ_ONLY]:
        raise BadInput(place, f"has a field that no pattern has: {strange[0]}")
    return PatternFile(body, document.get("id"), place)


_READ_ONLY = {"createdAt", "updatedAt", "versionNumber"}


def _of_manifest(place: str, document: Object) -> PatternFile:
    named = f"{document.get('apiVersion')} {document.get('kind')}"
    if named != "dragops.dev/v1 Pattern":
        told = f"is a {named}; only patterns go through REST, apply the rest with kubectl"
        raise BadInput(place, told)
    name = (document.get("metadata") or {}).get("name")
    if not isinstance(name, str) or not name:
        raise BadInput(place, "has no metadata.name")
    try:
        spec = PatternSpec.model_validate(document.get("spec") or {})
    except ValidationError as exc:
        raise _misshapen(place, "spec", exc) from exc
    body = {
        "name": spec.title or name,
        "description": spec.description,
        "tags": list(spec.tags),
        "graphData": graph_of(spec).as_json(),
    }
    return PatternFile(body, id_of(name), place)


def _misshapen(place: str, root: str, exc: ValidationError) -> BadInput:
    first = exc.errors(include_url=False)[0]
    where = ".".join(str(part) for part in (root, *first["loc"]))
    return BadInput(place, f"{where}: {first['msg']}")
