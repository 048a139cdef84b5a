"""Patterns as documents: written for export, read for import. Pure; nothing is lost either way."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from dragops.errors import BadInput
from dragops.model.graph_data import graph_of, spec_of
from dragops.model.pattern import PatternSpec
from dragops.model.schema import bounded
from dragops.model.yaml_text import yaml_of
from dragops_api.annotations import PUBLIC, TEMPLATE
from dragops_api.parsing import parsed
from dragops_api.schemas.patterns import flags_of, name_of_pattern
from dragops_api.schemas.portable import FORMAT_VERSION, PatternExport, PatternManifest

Object = dict[str, Any]
FORMAT = "dragops-pattern"


class Imported(NamedTuple):
    """What an import stores."""

    spec: PatternSpec
    notes: dict[str, str]


def export_of(pattern: Object) -> PatternExport:
    """Give the document of a pattern."""
    spec, flags = PatternSpec.model_validate(pattern["spec"]), flags_of(pattern)
    return PatternExport(
        format="dragops-pattern",
        format_version=1,
        name=name_of_pattern(pattern),
        description=spec.description,
        tags=spec.tags,
        is_public=flags["isPublic"],
        is_template=flags["isTemplate"],
        graph_data=graph_of(spec),
    )


def export_text(pattern: Object) -> str:
    """Give the document of a pattern as people keep it in a file."""
    return export_of(pattern).model_dump_json(by_alias=True, exclude_unset=True, indent=2) + "\n"


def manifest_of(pattern: Object) -> str:
    """Give the manifest of a pattern: what was applied, or would be, and nothing of its cluster."""
    notes = pattern["metadata"].get("annotations", {})
    kept = {note: notes[note] for note in (PUBLIC, TEMPLATE) if note in notes}
    metadata = {"name": pattern["metadata"]["name"]} | ({"annotations": kept} if kept else {})
    return yaml_of(
        {
            "apiVersion": "dragops.dev/v1",
            "kind": "Pattern",
            "metadata": metadata,
            "spec": bounded(pattern["spec"]),
        }
    )


def disposition(pattern: Object, ending: str) -> str:
    """Give the header that names a download after its pattern, in ASCII and as it is."""
    name = name_of_pattern(pattern)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:80] or "pattern"
    whole = quote(f"{name}.{ending}", safe="")
    return f"attachment; filename=\"{slug}.{ending}\"; filename*=UTF-8''{whole}"


def read_import(document: Mapping[str, Any]) -> Imported:
    """Read either kind of document; every fault is told with its path."""
    if "kind" in document or "apiVersion" in document:
        return _of_manifest(parsed(PatternManifest, document, "body"))
    if document.get("format") != FORMAT:
        told = f"must be {FORMAT!r} (an export), or the body a manifest with kind: Pattern"
        raise BadInput("body.format", told)
    version = document.get("formatVersion")
    if isinstance(version, int) and version > FORMAT_VERSION:
        told = f"is {version}; this server reads {FORMAT_VERSION}: it is older than the export"
        raise BadInput("body.formatVersion", told)
    return _of_export(parsed(PatternExport, document, "body"))


def _of_export(document: PatternExport) -> Imported:
    spec = spec_of(
        document.graph_data,
        title=document.name,
        description=document.description,
        tags=document.tags,
    )
    flags = {PUBLIC: document.is_public, TEMPLATE: document.is_template}
    return Imported(spec, {note: "true" for note, is_set in flags.items() if is_set})


def _of_manifest(manifest: PatternManifest) -> Imported:
    spec, notes = manifest.spec, manifest.metadata.annotations or {}
    if not spec.title:  # the name that was shown for it goes along
        spec = spec.model_copy(update={"title": manifest.metadata.name})
    return Imported(spec, {n: "true" for n in (PUBLIC, TEMPLATE) if notes.get(n) == "true"})
