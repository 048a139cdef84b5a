"""Stores a pattern of a file: the one that it names is changed, another is made."""

from typing import Any

from dragops.cli.api import Api, part
from dragops.cli.documents import PatternFile
from dragops.cli.failures import CallRefused
from dragops.cli.finding import id_by_name
from dragops.cli.session import Session

Object = dict[str, Any]


def store(session: Session, file: PatternFile) -> tuple[Object, bool]:
    """Create or change the file's pattern; say whether it is new."""
    id_ = existing_id(session.api, file)
    return (update(session, id_, file), False) if id_ else (create(session, file), True)


def create(session: Session, file: PatternFile) -> Object:
    """Make a pattern of a file."""
    created: Object = session.heed(session.api.call("POST", "/api/patterns", file.body)).data
    return created


def update(session: Session, id_: str, file: PatternFile) -> Object:
    """Change a pattern to what a file says; what the file leaves out stays."""
    path = f"/api/patterns/{part(id_)}"
    changed: Object = session.heed(session.api.call("PUT", path, file.body)).data
    return changed


def existing_id(api: Api, file: PatternFile) -> str | None:
    """Give the id of the pattern that a file is about: its own, else the one of its name."""
    if file.id and _is_there(api, file.id):
        return file.id
    return id_by_name(api, "/api/patterns", str(file.body["name"]), "pattern")


def _is_there(api: Api, id_: str) -> bool:
    try:
        api.get(f"/api/patterns/{part(id_)}")
    except CallRefused as exc:
        if exc.code != "PATTERN_NOT_FOUND":
            raise
        return False
    return True
