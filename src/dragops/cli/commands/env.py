"""``dragops env``: Environments, their variables and secrets; secret values only ever go in."""

from typing import Annotated, Any

import typer

from dragops.cli import shown
from dragops.cli.api import part
from dragops.cli.command import command, commands
from dragops.cli.environments import assigned, change_environment, secrets_of
from dragops.cli.finding import find_environment
from dragops.cli.options import Limit, Yes
from dragops.cli.output import Column
from dragops.cli.session import Session
from dragops.errors import BadInput, NotFound

app = commands("List, read, make and change Environments.")
Object = dict[str, Any]

Word = Annotated[
    str, typer.Argument(metavar="ENV", help="An Environment's id, or its name if that is unique.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")]
Assignments = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Plain variables.")
]
SecretNames = Annotated[
    list[str] | None,
    typer.Option(
        "--secret", help="A secret's name; its value is asked for, or read from stdin if it is one."
    ),
]
SecretFiles = Annotated[
    list[str] | None, typer.Option("--secret-file", help="NAME=PATH: a secret from a file.")
]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="Variables or secrets.")]


@command(app, "list")
def list_environments(session: Session, limit: Limit = None) -> None:
    """List the workspace's Environments."""
    items = session.api.pages("/api/environments", {}, limit)
    session.show.rows(items, shown.ENVIRONMENTS, name="id", none="There are no Environments.")


@command(app, "get")
def get_environment(session: Session, env: Word) -> None:
    """Show an Environment with its variables; of its secrets only the names."""
    found = find_environment(session.api, env)
    # names may hold dots, so each variable becomes a field of its own
    flat = {f"variable {name}": value for name, value in found["variables"].items()}
    lines = [Column(name, name) for name in flat]
    page = found | flat if session.show.is_for_people else found
    session.show.details(page, (*shown.ENVIRONMENT, *lines), name="id")


@command(app, "create")
def create_environment(
    session: Session,
    name: Name,
    assignments: Assignments = None,
    secret: SecretNames = None,
    secret_file: SecretFiles = None,
) -> None:
    """Make an Environment."""
    body = {
        "name": name,
        "variables": assigned(assignments or ()),
        "secrets": secrets_of(secret or (), secret_file or ()),
    }
    data = session.heed(session.api.wait("POST", "/api/environments", body, seconds=30)).data
    session.show.outcome(data, f"{data['id']} created: {data['name']}.", name="id")


@command(app, "set")
def set_values(
    session: Session,
    env: Word,
    assignments: Assignments = None,
    secret: SecretNames = None,
    secret_file: SecretFiles = None,
) -> None:
    """Set variables and secrets; all others stay."""
    variables = assigned(assignments or ())
    secrets = secrets_of(secret or (), secret_file or ())
    if not variables and not secrets:
        raise BadInput("set", "give NAME=VALUE, --secret NAME or --secret-file NAME=PATH")

    def change(found: Object) -> Object:
        return {"variables": found["variables"] | variables, "secrets": secrets}

    data = session.heed(change_environment(session.api, env, change)).data
    count = len(variables) + len(secrets)
    session.show.outcome(data, f"{data['id']}: {count} set.", name="id")


@command(app, "unset")
def unset_values(session: Session, env: Word, names: Names) -> None:
    """Remove variables and secrets."""

    def change(found: Object) -> Object:
        for name in names:
            if name not in found["variables"] and name not in found["secrets"]:
                raise NotFound("variable or secret", name)
        kept = {name: value for name, value in found["variables"].items() if name not in names}
        return {
            "variables": kept,
            "secrets": {name: None for name in names if name in found["secrets"]},
        }

    data = session.heed(change_environment(session.api, env, change)).data
    session.show.outcome(data, f"{data['id']}: {len(set(names))} removed.", name="id")


@command(app, "delete")
def delete_environment(session: Session, env: Word, yes: Yes = False) -> None:
    """Delete an Environment that no deployment uses, with its secrets."""
    found = find_environment(session.api, env)
    session.confirm(f"Delete {found['id']} ({found['name']}) with its secrets?", yes=yes)
    data = session.heed(session.api.call("DELETE", f"/api/environments/{part(found['id'])}")).data
    session.show.outcome(data, f"{found['id']} is deleted.", name="id")
