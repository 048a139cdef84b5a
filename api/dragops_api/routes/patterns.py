"""Patterns: made, listed, read, changed, deleted."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from dragops_api.deps import Asking, IfMatch, PatternId, Slices, Wired
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.patterns import Search, etag_of
from dragops_api.replies import warn
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.patterns import PatternDeleted, PatternIn, PatternItem, PatternOut
from dragops_api.view import Object

router = APIRouter(prefix="/api/patterns", tags=["Patterns"], route_class=GuardedRoute)


def _search(  # each is a query parameter of the product
    search: Annotated[str | None, Query(max_length=256)] = None,
    is_public: Annotated[bool | None, Query(alias="isPublic")] = None,
    is_template: Annotated[bool | None, Query(alias="isTemplate")] = None,
    tags: Annotated[list[str] | None, Query()] = None,
    sort_by: Annotated[Literal["name", "createdAt", "updatedAt"], Query(alias="sortBy")] = (
        "updatedAt"
    ),
    sort_order: Annotated[Literal["asc", "desc"], Query(alias="sortOrder")] = "desc",
) -> Search:
    fields = {"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"}
    return Search(
        search, is_public, is_template, tuple(tags or ()), fields[sort_by], sort_order == "desc"
    )


@router.get("", responses=answers())
async def list_patterns(
    search: Annotated[Search, Depends(_search)], paging: Slices, ask: Asking, parts: Wired
) -> ListAnswer[PatternItem]:
    """List the workspace's patterns."""
    found = parts.patterns.search(ask, search)
    items = [PatternItem(**item) for item in paging.cut(found)]
    return ListAnswer[PatternItem].of(items, paging.meta(len(found)))


@router.post(
    "", status_code=201, responses=answers(*BODY, ok=201), response_model_exclude_unset=True
)
async def create_pattern(
    body: PatternIn, ask: Asking, parts: Wired, response: Response
) -> Answer[PatternOut]:
    """Store a new pattern; without graphData it is an empty graph."""
    return Answer[PatternOut].of(_shown(await parts.patterns.create(ask, body), parts, response))


@router.get(
    "/{pattern_id}", responses=answers("PATTERN_NOT_FOUND"), response_model_exclude_unset=True
)
async def get_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response
) -> PatternOut:
    """Read a pattern with its graph; the answer has no envelope."""
    return _shown(await parts.patterns.get(ask, pattern_id), parts, response)


@router.put(
    "/{pattern_id}",
    responses=answers("PATTERN_NOT_FOUND", "CONFLICT", *BODY),
    response_model_exclude_unset=True,
)
async def update_pattern(  # path, header and body are parameters
    pattern_id: PatternId,
    body: PatternIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> Answer[PatternOut]:
    """Change a pattern; what the body leaves out stays as it is."""
    change = await parts.patterns.update(ask, pattern_id, body, if_match)
    warn(response, change.foreign)
    return Answer[PatternOut].of(_shown(change.obj, parts, response))


@router.delete("/{pattern_id}", responses=answers("PATTERN_NOT_FOUND", "CONFLICT"))
async def delete_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, if_match: IfMatch = None
) -> Answer[PatternDeleted]:
    """Delete a pattern; what is deployed of it goes on running."""
    await parts.patterns.delete(ask, pattern_id, if_match)
    return Answer[PatternDeleted].of(PatternDeleted(id=pattern_id, status="deleted"))


def _shown(pattern: Object, parts: Wired, response: Response) -> PatternOut:
    response.headers["ETag"] = etag_of(pattern)
    return PatternOut.of(pattern, parts.deployments.version_of(pattern))
