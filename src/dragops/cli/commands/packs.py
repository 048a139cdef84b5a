"""``dragops packs``: integration packs, checked and shown; needs no API."""

from typing import Annotated

import typer

from dragops.cli.command import commands, local_command
from dragops.cli.output import Column
from dragops.cli.packs import as_json, read_packs
from dragops.cli.session import Session
from dragops.model.declared import DeclaredPin

app = commands("Check integration packs, and show their nodes.")
NODES = (
    Column("NODE", "id"),
    Column("LABEL", "label"),
    Column("INPUTS", "inputs", folds=True),
    Column("OUTPUTS", "outputs", folds=True),
    Column("DESCRIPTION", "description", folds=True),
)
Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Packs; - is stdin.")]


@local_command(app)
def show(session: Session, files: Files) -> None:
    """List the nodes of packs that are good.

    With -o yaml: what spec.nodeDefinitions of a PatternDeployment takes.
    """
    declared = read_packs(files)
    if not session.show.is_for_people:
        session.show.outcome(as_json(declared), "", name=None)
        return
    items = [
        {
            "id": type_,
            "label": node.label,
            "inputs": _told(node.inputs),
            "outputs": _told(node.outputs),
            "description": node.description,
        }
        for type_, node in declared.items()
    ]
    session.show.rows(items, NODES, name="id", none="There are no nodes.")


def _told(pins: tuple[DeclaredPin, ...]) -> str:
    return ", ".join(f"{pin.name}{'!' if pin.required else ''}: {pin.type}" for pin in pins)
