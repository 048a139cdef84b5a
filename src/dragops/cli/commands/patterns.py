"""``dragops patterns``: listed, read, made from files, changed, deleted."""

from enum import StrEnum
from typing import Annotated

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.documents import read_pattern, read_patterns
from dragops.cli.finding import find_pattern, pattern_id
from dragops.cli.options import FileOption, Limit, PatternWord, Yes
from dragops.cli.session import Session
from dragops.cli.storing import create, update

app = commands("List, read, write and check patterns.")


class SortBy(StrEnum):
    """What a list of patterns is ordered by."""

    NAME = "name"
    CREATED = "createdAt"
    UPDATED = "updatedAt"


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
    for found in read_patterns(file):
        data = create(session, found)
        session.show.outcome(data, f"{data['id']} created: {data['name']}.", name="id")


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
