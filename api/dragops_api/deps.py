"""What a route may ask for, by type."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request

from dragops_api.auth import Ask
from dragops_api.changes import How
from dragops_api.parts import Parts
from dragops_api.schemas.envelope import Paging, paged, sliced


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _ask(request: Request) -> Ask:
    # put there by the guarded route, before anything else of the request was read
    ask: Ask = request.state.ask
    return ask


Wait = Annotated[int, Query(ge=0, le=300, description="Seconds to wait before the answer is 202.")]
IfMatch = Annotated[
    str | None, Header(description="ETag of the state that the change is meant for.")
]


def _how(if_match: IfMatch = None, wait: Wait = 30) -> How:
    return How(if_match, wait)


Writing = Annotated[How, Depends(_how)]
Wired = Annotated[Parts, Depends(_parts)]
Asking = Annotated[Ask, Depends(_ask)]
Pages = Annotated[Paging, Depends(paged)]
Slices = Annotated[Paging, Depends(sliced)]
PatternId = Annotated[str, Path(description="Pattern ID", examples=["pat_abc123"])]
DeploymentId = Annotated[str, Path(description="Deployment ID", examples=["dep_abc123"])]
EnvironmentId = Annotated[str, Path(description="Environment ID", examples=["env_abc123"])]
