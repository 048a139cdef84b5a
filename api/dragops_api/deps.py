"""What a route may ask for, by type.

All are coroutines: FastAPI sends plain functions through a pool of threads.
"""

from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Path, Query, Request

from dragops_api.auth import Ask
from dragops_api.changes import How
from dragops_api.parts import Parts
from dragops_api.schemas.envelope import Paging, paged, sliced


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def _ask(request: Request) -> Ask:
    # put there by the guarded route, before anything else of the request was read
    ask: Ask = request.state.ask
    return ask


Wait = Annotated[int, Query(ge=0, le=300, description="Seconds to wait before the answer is 202.")]
IfMatch = Annotated[
    str | None, Header(description="ETag of the state that the call is meant for; 409 for others.")
]


DryRun = Annotated[
    bool, Query(alias="dryRun", description="Only say what would happen; nothing is written.")
]


class DeployHow(NamedTuple):
    """How a deploy is meant: for which state, how long, or as a question only."""

    if_match: str | None
    wait: int
    dry_run: bool


async def _how(if_match: IfMatch = None, wait: Wait = 30) -> How:
    return How(if_match, wait)


async def _deploy_how(
    if_match: IfMatch = None, wait: Wait = 30, dry_run: DryRun = False
) -> DeployHow:
    return DeployHow(if_match, wait, dry_run)


Writing = Annotated[How, Depends(_how)]
Deploying = Annotated[DeployHow, Depends(_deploy_how)]
Wired = Annotated[Parts, Depends(_parts)]
Asking = Annotated[Ask, Depends(_ask)]
Pages = Annotated[Paging, Depends(paged)]
Slices = Annotated[Paging, Depends(sliced)]
PatternId = Annotated[str, Path(description="Pattern ID", examples=["pat_abc123"])]
DeploymentId = Annotated[str, Path(description="Deployment ID", examples=["dep_abc123"])]
EnvironmentId = Annotated[str, Path(description="Environment ID", examples=["env_abc123"])]
