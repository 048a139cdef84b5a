"""Patterns of files: Kubernetes manifests, exports, or what the API speaks.

``dragops.cli.files`` reads; next: ``dragops.cli.verdicts`` judges, ``storing`` sends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import ValidationError

from dragops.cli.files import Document, Object, name_of, read_documents
from dragops.errors import BadInput
from dragops.model.deployment import DeploymentSpec
from dragops.model.environment import EnvironmentSpec
from dragops.model.graph_data import GraphData, graph_of, spec_of
from dragops.model.ids import id_of
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Shape

_EXPORT_KEYS = ("format", "formatVersion")
_REST_KEYS = ("name", "description", "tags", "isPublic", "isTemplate", "graphData")
_NAMED_MAX = 5
_READ_ONLY = {"createdAt", "updatedAt", "versionNumber"}
_GROUP, _VERSION = "dragops.dev/", "dragops.dev/v1"
_OTHERS: dict[str, type[Shape]] = {
    "PatternDeployment": DeploymentSpec,
    "Environment": EnvironmentSpec,
}


@dataclass(frozen=True, slots=True)
class PatternFile:
    """A pattern of a file as the API takes it; ``id`` is what the file says of itself."""

    body: Object
    id: str | None
    document: Document
    is_manifest: bool
    beside: tuple[Document, ...] = ()
    """What else for the cluster stands in its file."""

    @property
    def source(self) -> str:
        """Say where it is from."""
        return self.document.label

    @property
    def name(self) -> str:
        """Give the name for people."""
        return str(self.body["name"])

    @property
    def resource(self) -> str | None:
        """Give the name of the resource, where it is one."""
        return str(self.document.data["metadata"]["name"]) if self.is_manifest else None


def spec_of_file(file: PatternFile) -> PatternSpec:
    """Give the pattern of a file as the compiler takes it; Misshapen says what in it is none."""
    body = file.body
    try:
        graph = GraphData.model_validate(body.get("graphData") or {})
    except ValidationError as exc:
        raise file.document.misshapen(exc, "graphData") from exc
    try:
        spec = spec_of(graph, title=file.name, description="", tags=())
        words = {"description": body.get("description") or "", "tags": body.get("tags") or ()}
        return PatternSpec.model_validate(dict(spec) | words)
    except ValidationError as exc:
        raise file.document.misshapen(exc) from exc


def read_patterns(path: str) -> list[PatternFile]:
    """Read every pattern of a file; what belongs to kubectl is refused, not left out."""
    found = [pattern_of(document) for document in _existing(path)]
    if not found:
        raise BadInput(name_of(path), "holds no pattern")
    return found


def read_pattern(path: str) -> PatternFile:
    """Read the one pattern of a file."""
    return _only(path, read_patterns(path))


def local_pattern(path: str) -> PatternFile:
    """Read the one pattern of a file, whatever else for the cluster stands beside it."""
    return _only(path, local_patterns(path))


def _only(path: str, found: list[PatternFile]) -> PatternFile:
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(name_of(path), "holds no pattern; this command takes one")
    held = ", ".join(file.name[:100] for file in found[:_NAMED_MAX])
    more = ", ..." if len(found) > _NAMED_MAX else ""
    told = f"holds {len(found)} patterns ({held}{more}); this command takes one"
    raise BadInput(name_of(path), f"{told}: put each into a file of its own")


def local_patterns(path: str) -> list[PatternFile]:
    """Read the patterns of a file, whatever else for the cluster stands beside them."""
    documents = read_documents(path)
    beside = tuple(each for each in documents if _is_beside(each))
    found = [pattern_of(each) for each in documents if each not in beside]
    return [replace(each, beside=beside) for each in found]


def _is_beside(document: Document) -> bool:
    if is_pattern(document):
        return False
    check_other(document)
    return True


def _existing(path: str) -> Iterator[Document]:
    for document in read_documents(path):
        if is_manifest(document) and not is_pattern(document):
            named = f"{document.data.get('apiVersion')} {document.data.get('kind')}"
            told = f"is a {named}; only patterns go through REST, apply the rest with kubectl"
            raise document.fault(told, "kind")
        yield document


def is_manifest(document: Document) -> bool:
    """Say whether a document is a Kubernetes object."""
    return "kind" in document.data or "apiVersion" in document.data


def is_ours(document: Document) -> bool:
    """Say whether a document is an object of DragOps, as the API server would take it."""
    data = document.data
    return data.get("apiVersion") == _VERSION and data.get("kind") in ("Pattern", *_OTHERS)


def is_pattern(document: Document) -> bool:
    """Say whether a document is a pattern, in any spelling."""
    named = (document.data.get("apiVersion"), document.data.get("kind"))
    return not is_manifest(document) or named == (_VERSION, "Pattern")


def check_other(document: Document) -> bool:
    """Look at an object that is no pattern; False when it is nothing of DragOps at all."""
    version, kind = document.data.get("apiVersion"), document.data.get("kind")
    is_ours = isinstance(version, str) and version.startswith(_GROUP)
    if not is_ours and kind not in ("Pattern", *_OTHERS):
        return False
    if version != _VERSION:
        found = "is missing" if version is None else f"is {version}"
        raise document.fault(f"apiVersion {found}; this command reads {_VERSION}", "apiVersion")
    if kind not in tuple(_OTHERS):
        found = "kind is missing" if kind is None else f"there is no kind {kind} in {_VERSION}"
        raise document.fault(f"{found}: use {', '.join(('Pattern', *_OTHERS))}", "kind")
    document.shaped(_OTHERS[kind], document.data.get("spec") or {}, "spec")
    return True


def pattern_of(document: Document) -> PatternFile:
    """Read a document as a pattern; Misplaced says what in it is none."""
    if is_manifest(document):
        return _of_manifest(document)
    data = document.data
    if "name" not in data:
        raise document.fault("is neither a manifest (kind: Pattern) nor has it a name")
    if not isinstance(data["name"], str):
        raise document.fault("name: is no text: put it in quotes", "name")
    # what the API itself says of a pattern may stay in a file that came from it
    known = {*_REST_KEYS, *_EXPORT_KEYS, "id", *_READ_ONLY}
    if strange := [key for key in data if key not in known]:
        raise document.fault(f"has a field that no pattern has: {strange[0]}", strange[0])
    body = {key: data[key] for key in _REST_KEYS if key in data}
    if not isinstance(data.get("id"), str | None):
        raise document.fault("has an id that is no text", "id")
    return PatternFile(body, data.get("id"), document, is_manifest=False)


def _of_manifest(document: Document) -> PatternFile:
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        told = "is no text: put it in quotes" if name else "is missing"
        raise document.fault(f"metadata.name: {told}", "metadata", "name")
    spec = document.shaped(PatternSpec, document.data.get("spec") or {}, "spec")
    body = {
        "name": spec.title if spec.title.strip() else name,
        "description": spec.description,
        "tags": list(spec.tags),
        "graphData": graph_of(spec).as_json(),
    }
    return PatternFile(body, id_of(name), document, is_manifest=True)
