"""Stores a pattern of a file: the one that it names is changed, another is made."""

from typing import Any

from dragops.cli.api import part
from dragops.cli.documents import PatternFile
from dragops.cli.failures import CallRefused
from dragops.cli.session import Session
from dragops.errors import BadInput

Object = dict[str, Any]


def store(session: Session, file: PatternFile) -> tuple[Object, bool]:
    """Create or change the file's pattern; say whether it is new."""
    id_ = _existing(session, file)
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


def _existing(session: Session, file: PatternFile) -> str | None:
    if file.id and _is_there(session, file.id):
        return file.id
    name = str(file.body["name"])
    items = session.api.pages("/api/patterns", {"search": name[:256]}, None)
    ids = [str(item["id"]) for item in items if item.get("name") == name]
    if len(ids) > 1:
        told = f"its name {name!r} is that of {len(ids)} patterns ({', '.join(ids)})"
        raise BadInput(file.source, f"{told}; say which: dragops patterns update ID --file")
    return ids[0] if ids else None


def _is_there(session: Session, id_: str) -> bool:
    try:
        session.api.get(f"/api/patterns/{part(id_)}")
    except CallRefused as exc:
        if exc.code != "PATTERN_NOT_FOUND":
            raise
        return False
    return True
