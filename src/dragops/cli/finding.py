"""Finds what somebody means: an id, the name of a resource, or the name that people gave it."""

import re
from typing import Any

from dragops.cli.api import Api, part
from dragops.cli.failures import CallRefused, Missing
from dragops.errors import BadInput

Object = dict[str, Any]
_ID = re.compile(r"[a-z][-_a-z0-9]*")
_GROUPS = {"pattern": "patterns", "environment": "env"}


def find_pattern(api: Api, word: str) -> Object:
    """Read a pattern by its id or, where there is none, by its name if that is the only one."""
    return _find(api, "/api/patterns", word, "pattern")


def find_environment(api: Api, word: str) -> Object:
    """Read an Environment in the same way."""
    return _find(api, "/api/environments", word, "environment")


def pattern_id(api: Api, word: str) -> str:
    """Give the id of a pattern that somebody means."""
    return str(find_pattern(api, word)["id"])


def deployment_id(api: Api, word: str) -> str:
    """Give a deployment's id: as it is, or that of the deployment of a pattern."""
    if not word.startswith("pat_"):
        return word
    status = api.get(f"/api/patterns/{part(word)}/deployment").data
    return str(status["deploymentId"])


def id_by_name(api: Api, collection: str, name: str, kind: str) -> str | None:
    """Give the id of the only thing that has exactly this name; BadInput when there are more."""
    query = {"search": name[:256]} if kind == "pattern" else {}
    ids = [str(i["id"]) for i in api.pages(collection, query, None) if i.get("name") == name]
    if len(ids) > 1:
        raise BadInput(name, f"is the name of {len(ids)} {kind}s; use an id: {', '.join(ids)}")
    return ids[0] if ids else None


def _find(api: Api, collection: str, word: str, kind: str) -> Object:
    if _ID.fullmatch(word):
        try:
            return _read(api, collection, word)
        except CallRefused as exc:
            if exc.status != 404 or exc.code == "NOT_FOUND":
                raise
    if (id_ := id_by_name(api, collection, word, kind)) is None:
        raise Missing(kind, word, f"see which there are: dragops {_GROUPS[kind]} list")
    return _read(api, collection, id_)


def _read(api: Api, collection: str, id_: str) -> Object:
    found: Object = api.get(f"{collection}/{part(id_)}").data
    return found
