"""A pattern's deployment: made live, taken off, looked at."""

from fastapi import APIRouter, Response

from dragops.model.ids import id_of
from dragops_api.deps import Asking, Deploying, PatternId, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.etags import etag_of
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell
from dragops_api.schemas.deployments import DeployIn, DeployOut, StateOut, StatusOut
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.triggers import TriggerOut
from dragops_api.schemas.versions import DeployPreview
from dragops_api.transitions import status_word

router = APIRouter(prefix="/api/patterns", tags=["Deployments"], route_class=GuardedRoute)
_MISSING = ("PATTERN_NOT_FOUND", "DEPLOYMENT_NOT_FOUND", "CONFLICT")
_DEPLOYING = ("PATTERN_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "CONFLICT", "COMPILATION_FAILED")


@router.post(
    "/{pattern_id}/deploy", responses=answers(*_DEPLOYING, *BODY, like="deploy_pattern", later=True)
)
async def deploy_pattern(  # path, body and how are parameters
    pattern_id: PatternId,
    body: DeployIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    how: Deploying,
) -> Answer[DeployOut] | Answer[DeployPreview]:
    """Compile a pattern and make it live; If-Match is the pattern's ETag.

    Of several deploys at once one release survives, and each caller gets its version number.
    """
    if how.dry_run:
        preview = await parts.deploys.preview(ask, pattern_id, body, if_match=how.if_match)
        return Answer[DeployPreview].of(DeployPreview.of(preview))
    outcome, triggers = await parts.deploys.deploy(
        ask, pattern_id, body, if_match=how.if_match, wait=how.wait
    )
    return Answer[DeployOut].of(
        DeployOut(
            deployment_id=id_of(outcome.obj["metadata"]["name"]),
            status=tell(response, outcome) or status_word(outcome.obj),
            version_number=outcome.obj.get("status", {}).get("versionNumber"),
            triggers=[TriggerOut(type=t.type, node_id=t.node_id) for t in triggers],
        )
    )


@router.delete(
    "/{pattern_id}/deploy", responses=answers(*_MISSING, like="undeploy_pattern", later=True)
)
async def undeploy_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response, how: Writing
) -> Answer[StateOut]:
    """Stop every trigger of a pattern; runs, ids and URLs stay. If-Match is the deployment's."""
    outcome = await parts.deployments.undeploy(
        ask, pattern_id, if_match=how.if_match, wait=how.wait
    )
    return Answer[StateOut].of(StateOut(status=tell(response, outcome) or "undeployed"))


@router.get("/{pattern_id}/deployment", responses=answers(*_MISSING, like="get_pattern_deployment"))
async def get_pattern_deployment(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response
) -> Answer[StatusOut]:
    """Say how a pattern's deployment stands, also after it was undeployed."""
    deployment = await parts.deployments.of_pattern(ask, pattern_id)
    response.headers["ETag"] = etag_of(deployment)
    return Answer[StatusOut].of(StatusOut.of(deployment))
