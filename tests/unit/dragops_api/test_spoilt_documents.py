"""Documents that were good once, at the doors of the API: read, or refused with a reason."""

import json
from contextlib import suppress
from random import Random
from typing import Any

from fastapi.exceptions import RequestValidationError
from hypothesis import given
from pydantic import ValidationError

from dragops.compiler.check import warnings_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import BadInput, PatternError
from dragops.model.graph_data import GraphData, graph_of, spec_of
from dragops.model.pattern import PatternSpec
from dragops.model.yaml_text import json_of, yaml_of
from dragops_api.bodies import DEPTH_MAX, parsed_json
from dragops_api.pattern_edits import stored
from dragops_api.portable import export_of, export_text, manifest_of, read_import
from support.spoilt_documents import manifest, seeds, spoilt, spoilt_text

REFUSED = (BadInput, RequestValidationError, ValidationError)


@given(seeds)
def test_a_spoilt_document_is_imported_or_refused(seed: int) -> None:
    """What is imported can be stored, judged, shown and exported."""
    for document in spoilt_documents(seed):
        try:
            imported = read_import(document)
        except REFUSED:
            continue
        look(imported.spec)


@given(seeds)
def test_a_spoilt_graph_is_a_pattern_or_refused(seed: int) -> None:
    """As an editor sends it."""
    for document in spoilt_documents(seed):
        try:
            graph = GraphData.model_validate(document.get("graphData"))
        except REFUSED:
            continue
        look(spec_of(graph, title="T", description="", tags=()))


@given(seeds)
def test_a_spoilt_manifest_is_a_pattern_or_refused(seed: int) -> None:
    """As kubectl may apply it, or an older one of ours."""
    for document in spoilt_documents(seed):
        try:
            spec = PatternSpec.model_validate(document.get("spec"))
        except REFUSED:
            continue
        look(spec)


def spoilt_documents(seed: int) -> list[dict[str, Any]]:
    """Give what of an export and a manifest comes through the two parsers of bodies."""
    random, object_ = Random(seed), manifest(seed)
    exported = export_of(object_).model_dump(mode="json", by_alias=True, exclude_unset=True)
    found = []
    for document in (object_, exported):
        texts = (
            json.dumps(spoilt(document, random)).encode(),
            spoilt_text(json.dumps(document).encode(), random),
            spoilt_text(yaml_of(document).encode(), random),
        )
        for text in texts:
            found += [body for body in (read_json(text), read_yaml(text)) if isinstance(body, dict)]
    return found


def read_json(text: bytes) -> Any:
    try:
        return parsed_json(text)
    except BadInput:
        return None


def read_yaml(text: bytes) -> Any:
    try:
        return json_of(text, levels=DEPTH_MAX)
    except BadInput:
        return None


def look(spec: PatternSpec) -> None:
    """Do all that is done with a pattern."""
    pattern = {"metadata": {"name": "p"}, "spec": stored(spec)}
    with suppress(PatternError):
        compile_pattern(spec, name="p")
    assert isinstance(warnings_of(spec), tuple)
    assert GraphData.model_validate_json(graph_of(spec).model_dump_json(by_alias=True))
    assert export_text(pattern)
    assert manifest_of(pattern)
