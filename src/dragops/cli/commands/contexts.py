"""``dragops contexts``: what login has stored."""

import os
from typing import Annotated, Any

import typer

from dragops.cli.command import command, commands
from dragops.cli.config import Context, config_path, write_config
from dragops.cli.output import Column, timed
from dragops.cli.session import Session
from dragops.cli.tokens import expiry_of
from dragops.errors import NotFound
from dragops.model.run import iso

app = commands("List, choose and remove what login has stored.")
COLUMNS = (
    Column("CURRENT", "current", lambda value, _: "*" if value else ""),
    Column("NAME", "name"),
    Column("URL", "url"),
    Column("WORKSPACE", "workspace"),
    timed("TOKEN ENDS", "expiresAt"),
    Column("SERVICE ACCOUNT", "serviceAccount", is_wide=True),
    Column("KUBECONFIG", "kubeconfig", is_wide=True),
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A context's name.")]


@command(app, "list")
def list_contexts(session: Session) -> None:
    """List the contexts; tokens are never shown."""
    current = session.config.current
    items = [_shown(context, current) for context in session.config.contexts]
    session.show.rows(items, COLUMNS, name="name", none="There are no contexts: dragops login")


@command(app, "use")
def use_context(session: Session, name: Name) -> None:
    """Choose the context that is meant when none is named."""
    context = _found(session, name)
    write_config(config_path(os.environ), session.config.using(name))
    session.show.outcome(_shown(context, name), f"{name} is the current context.", name="name")


@command(app, "delete")
def delete_context(session: Session, name: Name) -> None:
    """Remove a context with its token."""
    context = _found(session, name)
    write_config(config_path(os.environ), session.config.without(name))
    session.show.outcome(_shown(context, None), f"{name} is removed.", name="name")


def _found(session: Session, name: str) -> Context:
    if (context := session.config.find(name)) is None:
        raise NotFound("context", name)
    return context


def _shown(context: Context, current: str | None) -> dict[str, Any]:
    expiry = expiry_of(context.token)
    return {
        "name": context.name,
        "url": context.url,
        "workspace": context.workspace,
        "current": context.name == current,
        "expiresAt": iso(expiry) if expiry else None,
        "serviceAccount": context.service_account,
        "kubeconfig": context.kubeconfig,
    }
