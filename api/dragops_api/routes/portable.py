"""Patterns as documents: out to a file, and in from one."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from dragops.model.schema import Json
from dragops_api.deps import Asking, PatternId, Wired
from dragops_api.documented import BODY, answers, document_answers, document_request
from dragops_api.etags import etag_of
from dragops_api.guarded import YamlRoute
from dragops_api.portable import disposition, export_text, manifest_of, read_import
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.patterns import PatternOut
from dragops_api.shown import shown_pattern
from dragops_api.view import Object

router = APIRouter(prefix="/api/patterns", tags=["Patterns"], route_class=YamlRoute)
Format = Annotated[
    Literal["json", "manifest"],
    Query(alias="format", description="json: for an import; manifest: YAML, for kubectl apply."),
]


@router.get(
    "/{pattern_id}/export",
    response_class=Response,
    responses=answers("PATTERN_NOT_FOUND") | document_answers("export_pattern"),
)
async def export_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, kind: Format = "json"
) -> Response:
    """Download a pattern: JSON for an import, or the manifest for kubectl."""
    pattern = await parts.patterns.get(ask, pattern_id)
    if kind == "manifest":
        text = await asyncio.to_thread(manifest_of, pattern)
        return _download(pattern, text, "application/yaml", "yaml")
    text = await asyncio.to_thread(export_text, pattern)
    return _download(pattern, text, "application/json", "dragops.json")


@router.post(
    "/import",
    status_code=201,
    responses=answers(*BODY, like="import_pattern", ok=201),
    response_model_exclude_unset=True,
    openapi_extra=document_request("import_pattern"),
)
async def import_pattern(
    body: dict[str, Json], ask: Asking, parts: Wired, response: Response
) -> Answer[PatternOut]:
    """Store an export or a manifest as a new pattern; nothing is ever overwritten."""
    pattern = await parts.patterns.store(ask, *read_import(body))
    return Answer[PatternOut].of(shown_pattern(pattern, parts, response))


def _download(pattern: Object, text: str, kind: str, ending: str) -> Response:
    headers = {
        "Content-Disposition": disposition(pattern, ending),
        "ETag": etag_of(pattern),
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, media_type=kind, headers=headers)
