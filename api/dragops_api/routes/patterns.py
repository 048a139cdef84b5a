"""Patterns: made, listed, read, changed, deleted."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from dragops_api.deps import Asking, IfMatch, PatternId, Slices, Wired
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.patterns import Search
from dragops_api.replies import warn
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.patterns import (
    CloneIn,
    PatternDeleted,
    PatternIn,
    PatternItem,
    PatternOut,
    PatternPatch,
    ValidateIn,
    Verdict,
)
from dragops_api.shown import shown_pattern
from dragops_api.verdict import verdict_on

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


@router.get("", responses=answers(like="list_patterns"))
async def list_patterns(
    search: Annotated[Search, Depends(_search)], paging: Slices, ask: Asking, parts: Wired
) -> ListAnswer[PatternItem]:
    """List the workspace's patterns."""
    found = parts.patterns.search(ask, search)
    items = [PatternItem(**item) for item in paging.cut(found)]
    return ListAnswer[PatternItem].of(items, paging.meta(len(found)))


@router.post(
    "",
    status_code=201,
    responses=answers(*BODY, like="create_pattern", ok=201),
    response_model_exclude_unset=True,
)
async def create_pattern(
    body: PatternIn, ask: Asking, parts: Wired, response: Response
) -> Answer[PatternOut]:
    """Store a new pattern; without graphData it is an empty graph."""
    return Answer[PatternOut].of(
        shown_pattern(await parts.patterns.create(ask, body), parts, response)
    )


@router.get(
    "/{pattern_id}",
    responses=answers("PATTERN_NOT_FOUND", like="get_pattern"),
    response_model_exclude_unset=True,
)
async def get_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response
) -> PatternOut:
    """Read a pattern with its graph; the answer has no envelope."""
    return shown_pattern(await parts.patterns.get(ask, pattern_id), parts, response)


@router.put(
    "/{pattern_id}",
    responses=answers("PATTERN_NOT_FOUND", "CONFLICT", *BODY, like="update_pattern"),
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
    return Answer[PatternOut].of(shown_pattern(change.obj, parts, response))


@router.patch(
    "/{pattern_id}",
    responses=answers("PATTERN_NOT_FOUND", "CONFLICT", *BODY, like="patch_pattern"),
    response_model_exclude_unset=True,
)
async def patch_pattern(  # path, header and body are parameters
    pattern_id: PatternId,
    body: PatternPatch,
    ask: Asking,
    parts: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> Answer[PatternOut]:
    """Merge the body into the pattern, as JSON Merge Patch (RFC 7396) has it.

    What is left out stays, null goes back to the default, objects are merged (graphData too), lists
    are replaced as wholes.
    """
    change = await parts.patterns.patch(ask, pattern_id, body, if_match)
    warn(response, change.foreign)
    return Answer[PatternOut].of(shown_pattern(change.obj, parts, response))


@router.post(
    "/{pattern_id}/clone",
    status_code=201,
    responses=answers("PATTERN_NOT_FOUND", *BODY, like="clone_pattern", ok=201),
    response_model_exclude_unset=True,
)
async def clone_pattern(
    pattern_id: PatternId,
    ask: Asking,
    parts: Wired,
    response: Response,
    body: CloneIn | None = None,
) -> Answer[PatternOut]:
    """Store a copy under a new id; it is neither public nor a template, and nothing of it runs."""
    pattern = await parts.patterns.clone(ask, pattern_id, body.name if body else None)
    return Answer[PatternOut].of(shown_pattern(pattern, parts, response))


@router.post(
    "/{pattern_id}/validate",
    responses=answers("PATTERN_NOT_FOUND", *BODY, like="validate_pattern"),
    response_model_exclude_unset=True,
)
async def validate_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, body: ValidateIn | None = None
) -> Answer[Verdict]:
    """Say what a deploy would say of what is stored, or of a graph that is not; stores nothing."""
    pattern = await parts.patterns.get(ask, pattern_id)
    called = partial(parts.patterns.called, ask.workspace)
    return Answer[Verdict].of(await verdict_on(pattern, body or ValidateIn(), called))


@router.delete(
    "/{pattern_id}", responses=answers("PATTERN_NOT_FOUND", "CONFLICT", like="delete_pattern")
)
async def delete_pattern(
    pattern_id: PatternId, ask: Asking, parts: Wired, response: Response, if_match: IfMatch = None
) -> Answer[PatternDeleted]:
    """Delete a pattern; what is deployed of it goes on running."""
    change = await parts.patterns.delete(ask, pattern_id, if_match)
    warn(response, change.foreign)
    return Answer[PatternDeleted].of(PatternDeleted(id=pattern_id, status="deleted"))
