"""``dragops patterns``: listed, read, written, checked, taken in and out."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import read_pattern, read_patterns
from dragops.cli.files import read_documents
from dragops.cli.finding import find_pattern, pattern_id
from dragops.cli.options import FileOption, Format, Limit, PatternWord, Yes
from dragops.cli.packs import PackFiles, as_json, read_packs
from dragops.cli.session import Session
from dragops.cli.storing import create, update
from dragops.cli.verdicts import show_verdict
from dragops.errors import BadInput

Object = dict[str, Any]
Found = TypeVar("Found")
app = commands("List, read, write and check patterns.")


class SortBy(StrEnum):
    """What a list of patterns is ordered by."""

    NAME = "name"
    CREATED = "createdAt"
    UPDATED = "updatedAt"


class ExportFormat(StrEnum):
    """What an export is written as."""

    JSON = "json"
    MANIFEST = "manifest"


NewName = Annotated[str | None, typer.Option("--name", help="The copy's name.")]
Kind = Annotated[ExportFormat, typer.Option("--format", help="As what.")]
To = Annotated[str | None, typer.Option("--to", help="A file to write instead of stdout.")]
VersionNumber = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Its number.")]
Search = Annotated[str | None, typer.Option("--search", "-s", help="Part of the name.")]
Tag = Annotated[list[str] | None, typer.Option("--tag", help="All that have it; may be repeated.")]
Sort = Annotated[SortBy, typer.Option("--sort-by", help="What to order by.")]


@command(app, "list")
def list_patterns(
    session: Session,
    search: Search = None,
    tag: Tag = None,
    sort_by: Sort = SortBy.UPDATED,
    limit: Limit = None,
) -> None:
    """List the workspace's patterns."""
    order = "asc" if sort_by is SortBy.NAME else "desc"
    query = {"search": search, "tags": tag, "sortBy": sort_by, "sortOrder": order}
    items = session.api.pages("/api/patterns", query, limit)
    session.show.rows(items, shown.PATTERNS, name="id", none="There are no patterns.")


@command(app, "get")
def get_pattern(session: Session, pattern: PatternWord) -> None:
    """Show one pattern; -o json and -o yaml hold its graph, too."""
    session.show.details(find_pattern(session.api, pattern), shown.PATTERN, name="id")


@command(app, "create")
def create_patterns(session: Session, file: FileOption) -> None:
    """Store each pattern of a file as a new one."""
    _store_all(session, read_patterns(file), lambda found: create(session, found))


@command(app, "update")
def update_pattern(session: Session, pattern: PatternWord, file: FileOption) -> None:
    """Change a pattern to what a file says; what the file leaves out stays."""
    data = update(session, pattern_id(session.api, pattern), read_pattern(file))
    session.show.outcome(data, f"{data['id']} updated: {data['name']}.", name="id")


@command(app, "delete")
def delete_pattern(session: Session, pattern: PatternWord, yes: Yes = False) -> None:
    """Delete a pattern; what is deployed of it goes on running."""
    found = find_pattern(session.api, pattern)
    session.confirm(f"Delete {found['id']} ({found['name']})?", yes=yes)
    answer = session.heed(session.api.call("DELETE", f"/api/patterns/{part(found['id'])}"))
    session.show.outcome(answer.data, f"{found['id']} is deleted.", name="id")


@command(app, "clone")
def clone_pattern(session: Session, pattern: PatternWord, name: NewName = None) -> None:
    """Store a copy of a pattern; nothing of it runs."""
    path = f"/api/patterns/{part(pattern_id(session.api, pattern))}/clone"
    data = session.heed(session.api.call("POST", path, {"name": name} if name else {})).data
    session.show.outcome(data, f"{data['id']} created: {data['name']}.", name="id")


@command(app, "export")
def export_pattern(
    session: Session, pattern: PatternWord, kind: Kind = ExportFormat.JSON, to: To = None
) -> None:
    """Write a pattern as a document: for `patterns import`, or a manifest for kubectl."""
    if session.format is not Format.TABLE:
        raise BadInput("--output", "an export is a document: choose it with --format")
    path = f"/api/patterns/{part(pattern_id(session.api, pattern))}/export"
    text = session.api.document(path, {"format": kind})
    if to is None:
        session.show.text(text)
        return
    try:
        Path(to).write_text(text, "utf-8", newline="\n")
    except OSError as exc:
        raise BadInput("--to", f"{to}: {exc.strerror}") from exc
    session.note(f"Written to {to}.")


@command(app, "import")
def import_patterns(session: Session, file: FileOption) -> None:
    """Store each document of a file as a new pattern; exports and manifests."""

    def take_in(document: Object) -> Object:
        answer = session.heed(session.api.call("POST", "/api/patterns/import", document))
        data: Object = answer.data
        return data

    _store_all(session, [each.data for each in read_documents(file)], take_in)


@command(app, "validate")
def validate_pattern(session: Session, pattern: PatternWord, pack: PackFiles = None) -> None:
    """Say whether a stored pattern compiles; for files there is `dragops check`."""
    body = {"nodeDefinitions": as_json(read_packs(pack))}
    found = find_pattern(session.api, pattern)
    path = f"/api/patterns/{part(found['id'])}/validate"
    show_verdict(session, session.api.call("POST", path, body).data, found["id"])


@command(app, "versions")
def list_pattern_versions(session: Session, pattern: PatternWord) -> None:
    """List the versions that deploys have made of a pattern."""
    path = f"/api/patterns/{part(pattern_id(session.api, pattern))}/versions"
    items = session.api.pages(path, {}, None)
    session.show.rows(items, shown.VERSIONS, name="number", none="There are no versions.")


@command(app, "restore")
def restore_pattern(session: Session, pattern: PatternWord, version: VersionNumber) -> None:
    """Write the graph of an earlier version into a pattern; nothing is deployed."""
    id_ = pattern_id(session.api, pattern)
    path = f"/api/patterns/{part(id_)}/versions/{version}/restore"
    data = session.heed(session.api.call("POST", path)).data
    session.show.outcome(data, f"{id_} has the graph of version {version} again.", name="id")


def _store_all(session: Session, found: Sequence[Found], store: Callable[[Found], Object]) -> None:
    """Store one after the other; what is stored is told, also when the next one fails."""
    made: list[tuple[Object, str]] = []
    try:
        for each in found:
            data = store(each)
            made.append((data, f"{data['id']} created: {data['name']}."))
    finally:
        session.show.outcomes(made, name="id")
