"""A pattern's deployment: made live, taken off, looked at."""

from fastapi import APIRouter, Response

from dragops.model.ids import id_of
from dragops_api.deps import Asking, PatternId, Wait, Wired
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell
from dragops_api.schemas.deployments import DeployIn, DeployOut, StateOut, StatusOut, TriggerOut
from dragops_api.schemas.envelope import Answer
from dragops_api.transitions import status_word

router = APIRouter(prefix="/api/patterns", tags=["Deployments"], route_class=GuardedRoute)
_MISSING = ("PATTERN_NOT_FOUND", "DEPLOYMENT_NOT_FOUND", "CONFLICT")
_DEPLOYING = ("PATTERN_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "CONFLICT", "COMPILATION_FAILED")


@router.post(
    "/{pattern_id}/deploy", responses=answers(*_DEPLOYING, *BODY, like="deploy_pattern", later=True)
)
async def deploy_pattern(  # path, query and body are parameters
    pattern_id: PatternId,
    body: DeployIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    wait: Wait = 30,
) -> Answer[DeployOut]:
    """Compile a pattern and make it live."""
    outcome, triggers = await parts.deployments.deploy(ask, pattern_id, body, wait=wait)
    return Answer[DeployOut].of(
        DeployOut(
            deployment_id=id_of(outcome.obj["metadata"]["name"]),
            status=tell(response, outcome) or status_word(outcome.obj),
            triggers=[TriggerOut(type=t.type, node_id=t.node_id) for t in triggers],
        )
    )


@router.delete(
    "/{pattern_id}/deploy", responses=answers(*_MISSING, like="undeploy_pattern", later=True)
)
async def undeploy_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response, wait: Wait = 30
) -> Answer[StateOut]:
    """Stop every trigger of a pattern; runs, ids and URLs stay."""
    outcome = await parts.deployments.undeploy(ask, pattern_id, wait=wait)
    return Answer[StateOut].of(StateOut(status=tell(response, outcome) or "undeployed"))


@router.get("/{pattern_id}/deployment", responses=answers(*_MISSING, like="get_pattern_deployment"))
async def get_pattern_deployment(
    pattern_id: PatternId, ask: Asking, parts: Wired
) -> Answer[StatusOut]:
    """Say how a pattern's deployment stands, also after it was undeployed."""
    return Answer[StatusOut].of(StatusOut.of(await parts.deployments.of_pattern(ask, pattern_id)))
