"""Patterns as documents: out, in, and the same again."""

from typing import Any

import orjson
import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from dragops.errors import BadInput
from dragops.model.graph_data import GraphData, graph_of, spec_of
from dragops.model.pattern import PatternSpec
from dragops.model.yaml_text import json_of
from dragops_api.annotations import PUBLIC, TEMPLATE
from dragops_api.portable import disposition, export_of, manifest_of, read_import
from support.any_pattern import graphs, specs


def _pattern(spec: dict[str, Any], **notes: str) -> dict[str, Any]:
    return {"metadata": {"name": "p", "annotations": notes}, "spec": spec}


def _document(pattern: dict[str, Any]) -> Any:
    return orjson.loads(export_of(pattern).model_dump_json(by_alias=True, exclude_unset=True))


@given(graphs(), st.booleans())
def test_an_export_is_imported_as_the_same_pattern(graph: dict[str, Any], flag: bool) -> None:
    """Graph, the editor's keys, words and flags; only id and times are left behind."""
    spec = spec_of(GraphData.model_validate(graph), title="T", description="D", tags=["x"])
    document = _document(_pattern(spec.as_json(), **({PUBLIC: "true"} if flag else {})))

    imported = read_import(document)

    assert GraphData.model_validate(document["graphData"]) == GraphData.model_validate(graph)
    assert imported.spec == spec
    assert imported.notes == ({PUBLIC: "true"} if flag else {})
    assert _document(_pattern(imported.spec.as_json(), **imported.notes)) == document


@given(specs(), st.booleans())
def test_a_manifest_is_imported_as_the_same_pattern(spec: PatternSpec, flag: bool) -> None:
    """By way of YAML; and what REST then shows is what REST showed."""
    pattern = _pattern(spec.as_json(), **({TEMPLATE: "true"} if flag else {}))

    imported = read_import(json_of(manifest_of(pattern).encode(), levels=64))

    assert imported.spec == spec
    assert orjson.dumps(imported.spec.as_json()) == orjson.dumps(spec.as_json())
    assert imported.notes == ({TEMPLATE: "true"} if flag else {})
    assert graph_of(imported.spec) == graph_of(spec)


@given(graphs())
def test_an_export_and_a_manifest_say_the_same(graph: dict[str, Any]) -> None:
    """REST to manifest to REST: nothing is lost."""
    spec = spec_of(GraphData.model_validate(graph), title="T", description="D", tags=["x"])
    pattern = _pattern(spec.as_json())

    by_manifest = read_import(json_of(manifest_of(pattern).encode(), levels=64))

    assert by_manifest == read_import(_document(pattern))


def test_a_manifest_without_a_title_keeps_the_name_that_was_shown() -> None:
    """And what kubectl get -o yaml prints beside it does not matter."""
    manifest = {
        "apiVersion": "dragops.dev/v1",
        "kind": "Pattern",
        "metadata": {"name": "by-hand", "uid": "u", "managedFields": [{}], "generation": 3},
        "spec": {"nodes": []},
        "status": {"conditions": []},
    }

    assert read_import(manifest).spec.title == "by-hand"


EXPORT = {"format": "dragops-pattern", "formatVersion": 1, "name": "N", "graphData": {}}
MANIFEST = {"apiVersion": "dragops.dev/v1", "kind": "Pattern", "spec": {}}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "body.format"),
        ({"name": "N", "graphData": {}}, "body.format"),
        (EXPORT | {"format": "other"}, "body.format"),
        (EXPORT | {"formatVersion": 2}, "body.formatVersion"),
        (EXPORT | {"formatVersion": "1"}, "body.formatVersion"),
        (EXPORT | {"name": " "}, "body.name"),
        (EXPORT | {"id": "pat_x"}, "body.id"),
        (EXPORT | {"graphData": None}, "body.graphData"),
        (EXPORT | {"graphData": {"nodes": [{"id": "a"}]}}, "body.graphData.nodes.0.type"),
        (MANIFEST | {"kind": "PatternDeployment"}, "body.kind"),
        (MANIFEST | {"kind": "List"}, "body.kind"),
        (MANIFEST | {"apiVersion": "dragops.dev/v2"}, "body.apiVersion"),
        ({"kind": "Pattern"}, "body.spec"),
        (MANIFEST | {"spec": {"nodes": [{"id": "a b", "type": "Log"}]}}, "body.spec.nodes.0.id"),
        (MANIFEST | {"spec": {"titel": "x"}}, "body.spec.titel"),
        (MANIFEST | {"metadata": {"annotations": {"a": 1}}}, "body.metadata.annotations.a"),
    ],
)
def test_a_bad_document_names_the_place(document: dict[str, Any], place: str) -> None:
    """Every fault at once where it is the shape."""
    with pytest.raises((BadInput, RequestValidationError)) as failure:
        read_import(document)

    told = failure.value
    paths = (
        {told.path}
        if isinstance(told, BadInput)
        else {".".join(map(str, error["loc"])) for error in told.errors()}
    )
    assert place in paths


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Webhook Logger", "webhook-logger.yaml"),
        ('Größe: "42"\r\nX: y', "groe-42-x-y.yaml"),
        ("日本", "pattern.yaml"),
        ("../../etc/passwd", "etc-passwd.yaml"),
    ],
)
def test_a_download_is_named_after_its_pattern(name: str, plain: str) -> None:
    """In ASCII for old clients, as it is for others; no line break gets into a header."""
    header = disposition(_pattern({"title": name}), "yaml")

    assert f'filename="{plain}"' in header
    assert header.isascii()
    assert header.isprintable()
