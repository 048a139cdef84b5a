"""ETags: short names of states, and the check that a change is meant for the state there is."""

from dragops.errors import Conflict
from dragops.model.ids import short_hash


def etag(*state: str | None) -> str:
    """Give the ETag of a state."""
    return f'"{short_hash(*(part or "" for part in state))}"'


def check_match(what: str, current: str, if_match: str | None) -> None:
    """Raise Conflict when ``if_match`` names other states only."""
    wanted = {tag.strip() for tag in ("*" if if_match is None else if_match).split(",")}
    if wanted.isdisjoint({"*", current}):
        raise Conflict(f"The {what} has changed since it was read (If-Match)")
