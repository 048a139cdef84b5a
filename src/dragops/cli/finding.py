"""Finds what somebody means: an id, the name of a resource, or the name that people gave it."""

from typing import Any

from dragops.cli.api import Api, part
from dragops.cli.failures import CallRefused
from dragops.errors import BadInput

Object = dict[str, Any]


def find_pattern(api: Api, word: str) -> Object:
    """Read a pattern by its id or, where there is none, by its name if that is the only one."""
    try:
        found: Object = api.get(f"/api/patterns/{part(word)}").data
    except CallRefused as exc:
        if exc.code != "PATTERN_NOT_FOUND" or (id_ := _id_by_name(api, word)) is None:
            raise
        found = api.get(f"/api/patterns/{part(id_)}").data
    return found


def pattern_id(api: Api, word: str) -> str:
    """Give the id of a pattern that somebody means."""
    return str(find_pattern(api, word)["id"])


def deployment_id(api: Api, word: str) -> str:
    """Give a deployment's id: as it is, or that of the deployment of a pattern."""
    if not word.startswith("pat_"):
        return word
    status = api.get(f"/api/patterns/{part(word)}/deployment").data
    return str(status["deploymentId"])


def _id_by_name(api: Api, name: str) -> str | None:
    items = api.pages("/api/patterns", {"search": name[:256]}, None)
    ids = [str(item["id"]) for item in items if item.get("name") == name]
    if len(ids) > 1:
        raise BadInput(name, f"is the name of {len(ids)} patterns; use an id: {', '.join(ids)}")
    return ids[0] if ids else None
