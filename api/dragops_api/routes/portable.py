"""Patterns as documents: out to a file, and in from one."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from dragops.model.schema import Json
from dragops_api.deps import Asking, PatternId, Wired
from dragops_api.documented import BODY, answers, document_answers, document_request
from dragops_api.guarded import YamlRoute
from dragops_api.portable import disposition, export_of, manifest_of, read_import
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.patterns import PatternOut
from dragops_api.shown import shown_pattern

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
        return _download(manifest_of(pattern), "application/yaml", disposition(pattern, "yaml"))
    text = export_of(pattern).model_dump_json(by_alias=True, exclude_unset=True, indent=2) + "\n"
    return _download(text, "application/json", disposition(pattern, "dragops.json"))


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


def _download(text: str, kind: str, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type=kind, headers=headers)
