"""Versions: of a pattern, to restore one; of a deployment, to read one and to go back to it."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from dragops_api.deps import Asking, DeploymentId, IfMatch, Pages, PatternId, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell, warn
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.patterns import PatternOut
from dragops_api.schemas.versions import ProgramOut, RollbackIn, RollbackOut, VersionOut
from dragops_api.shown import shown_pattern
from dragops_api.transitions import status_word

router = APIRouter(prefix="/api", tags=["Versions"], route_class=GuardedRoute)
Number = Annotated[
    int, Path(alias="version", ge=1, le=2_147_483_647, description="Version number", examples=[3])
]


@router.get(
    "/patterns/{pattern_id}/versions",
    responses=answers("PATTERN_NOT_FOUND", "CONFLICT", like="list_pattern_versions"),
)
async def list_pattern_versions(
    pattern_id: PatternId, ask: Asking, parts: Wired, paging: Pages
) -> ListAnswer[VersionOut]:
    """List the versions that deploys have made and that are kept, newest first."""
    found = await parts.versions.of_pattern(ask, pattern_id)
    items = [VersionOut.of(kept) for kept in paging.cut(found)]
    return ListAnswer[VersionOut].of(items, paging.meta(len(found)))


@router.post(
    "/patterns/{pattern_id}/versions/{version}/restore",
    responses=answers(
        *("PATTERN_NOT_FOUND", "DEPLOYMENT_NOT_FOUND", "NOT_FOUND", "CONFLICT", "TOO_LARGE"),
        like="restore_pattern_version",
    ),
    response_model_exclude_unset=True,
)
async def restore_pattern_version(  # path, header and query are parameters
    pattern_id: PatternId,
    version: Number,
    ask: Asking,
    parts: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> Answer[PatternOut]:
    """Write the graph of a version into the pattern; nothing is deployed."""
    change = await parts.versions.restore(ask, pattern_id, version, if_match)
    warn(response, change.foreign)
    return Answer[PatternOut].of(shown_pattern(change.obj, parts, response))


@router.get(
    "/deployments/{deployment_id}/versions",
    responses=answers("DEPLOYMENT_NOT_FOUND", like="list_deployment_versions"),
)
async def list_deployment_versions(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, paging: Pages
) -> ListAnswer[VersionOut]:
    """List the versions that are kept, newest first."""
    found = await parts.versions.of_deployment(ask, deployment_id)
    items = [VersionOut.of(kept) for kept in paging.cut(found)]
    return ListAnswer[VersionOut].of(items, paging.meta(len(found)))


@router.get(
    "/deployments/{deployment_id}/versions/{version}/program",
    responses=answers("DEPLOYMENT_NOT_FOUND", "NOT_FOUND", like="get_version_program"),
    response_model_exclude_unset=True,
)
async def get_version_program(
    deployment_id: DeploymentId, version: Number, ask: Asking, parts: Wired
) -> Answer[ProgramOut]:
    """Read what a version runs: its text, the node of each line, the graph it came from."""
    kept, program = await parts.versions.program(ask, deployment_id, version)
    return Answer[ProgramOut].of(ProgramOut.of(kept, program))


@router.post(
    "/deployments/{deployment_id}/rollback",
    responses=answers(
        *("DEPLOYMENT_NOT_FOUND", "NOT_FOUND", "NOT_ACTIVE", "CONFLICT"),
        *BODY,
        like="roll_back_deployment",
        later=True,
    ),
)
async def roll_back_deployment(  # path, body and how are parameters
    deployment_id: DeploymentId,
    body: RollbackIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    how: Writing,
) -> Answer[RollbackOut]:
    """Run a version that is kept, and stay with it until the next deploy."""
    outcome = await parts.versions.roll_back(
        ask, deployment_id, body.version, if_match=how.if_match, wait=how.wait
    )
    return Answer[RollbackOut].of(
        RollbackOut(
            deployment_id=deployment_id,
            status=tell(response, outcome) or status_word(outcome.obj),
            version_number=outcome.obj.get("status", {}).get("versionNumber"),
        )
    )
