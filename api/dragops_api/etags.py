"""ETags: short names of states, and the check that a change is meant for the state there is.

They move with what people change, not with what the operator reports.
"""

from typing import Any

from dragops.errors import Conflict
from dragops.model.ids import short_hash
from dragops_api.annotations import PUBLIC, TEMPLATE

Object = dict[str, Any]


def etag(*state: str | None) -> str:
    """Give the ETag of a state."""
    return f'"{short_hash(*(part or "" for part in state))}"'


def check_match(what: str, current: str, if_match: str | None) -> None:
    """Raise Conflict when ``if_match`` names other states only."""
    wanted = {tag.strip() for tag in ("*" if if_match is None else if_match).split(",")}
    if wanted.isdisjoint({"*", current}):
        raise Conflict(f"The {what} has changed since it was read (If-Match)")


def etag_of(obj: Object) -> str:
    """Give the ETag of a Pattern or PatternDeployment."""
    metadata = obj["metadata"]
    notes = metadata.get("annotations", {})
    return etag(
        metadata["uid"], str(metadata["generation"]), notes.get(PUBLIC), notes.get(TEMPLATE)
    )


def check_if_match(obj: Object, if_match: str | None) -> None:
    """Raise Conflict when ``if_match`` is about another state of a pattern or deployment."""
    kind = "deployment" if "patternRef" in obj["spec"] else "pattern"
    check_match(kind, etag_of(obj), if_match)
