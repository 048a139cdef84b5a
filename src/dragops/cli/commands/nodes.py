"""``dragops nodes``: the catalogue, as this command's own compiler has it; needs no API."""

from typing import Annotated, Any

import typer

from dragops.cli.command import commands, local_command
from dragops.cli.failures import Missing
from dragops.cli.output import Column, as_json
from dragops.cli.session import Session
from dragops.errors import BadInput
from dragops.nodes import catalogue
from dragops.nodes.definition import Definition, Kind

Object = dict[str, Any]
app = commands()
NODES = (
    Column("ID", "id"),
    Column("CATEGORY", "category"),
    Column("KIND", "kind"),
    Column("DESCRIPTION", "description", folds=True),
)
NODE = (
    Column("Node", "id"),
    Column("Label", "label"),
    Column("Category", "category"),
    Column("Kind", "kind"),
    Column("Description", "description"),
)
PINS = (
    Column("", "side"),
    Column("NAME", "name"),
    Column("TYPE", "type"),
    Column("WITHOUT IT", "without"),
    Column("ONE OF", "members", folds=True),
)
_KINDS = {Kind.EVENT: "event", Kind.IMPURE: "action", Kind.PURE: "value"}
Id = Annotated[str | None, typer.Argument(metavar="ID", help="A node type, such as HttpRequest.")]
Category = Annotated[
    str | None,
    typer.Option("--category", "-c", metavar="NAME", help="Only nodes of this category."),
]


@local_command(app)
def nodes(session: Session, id_: Id = None, category: Category = None) -> None:
    """List the nodes that patterns are made of, or show one with its pins.

    Kinds: an event starts a run; an action has exec pins and runs when it is fired; a value has
    none and is computed where it is read. A pin with dots (...) stands for those that the node's
    settings make.
    """
    if id_ is not None and category is not None:
        raise BadInput("--category", f"lists nodes: leave it out, or leave {id_} out")
    if id_ is not None:
        _show(session, _found(id_))
        return
    found = [_shown(session, each) for each in _of_category(category)]
    session.show.rows(found, NODES, name="id", none="There are no nodes.")


def _found(id_: str) -> Definition:
    definition = catalogue.definition(id_)
    if definition is None:
        near = catalogue.nearest(id_)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else "see which there are: dragops nodes"
        )
        raise Missing("node", id_, hint)
    return definition


def _of_category(category: str | None) -> list[Definition]:
    everything = catalogue.all_definitions()
    known = dict.fromkeys(each.category for each in everything)
    if category is None:
        return [each for name in known for each in everything if each.category == name]
    chosen = next((name for name in known if name.lower() == category.lower()), None)
    if chosen is None:
        raise BadInput("--category", f"there is no {category!r}; there are: {', '.join(known)}")
    return [each for each in everything if each.category == chosen]


def _shown(session: Session, definition: Definition) -> Object:
    if not session.show.is_for_people:
        return definition.as_json()
    return {**definition.as_json(), "kind": _KINDS[definition.kind]}


def _show(session: Session, definition: Definition) -> None:
    node = _shown(session, definition)
    session.show.details(node, NODE, name="id")
    if session.show.is_for_people:
        sides = {"in": "inputs", "setting": "properties", "out": "outputs"}
        pins = [_row(side, pin) for side, key in sides.items() for pin in node[key]]
        session.show.text("")
        session.show.rows(pins, PINS, name=None, none="It has no pins.")


def _row(side: str, pin: Object) -> Object:
    without = ""
    if pin.get("required"):
        without = "required"
    elif side != "out" and "default" in pin:
        without = as_json(pin["default"])
    name = f"...{pin['name']}" if pin.get("dynamic") else pin["name"]
    return {"side": side, "name": name, "type": pin["type"], "without": without, **_members(pin)}


def _members(pin: Object) -> Object:
    return {"members": pin["members"]} if "members" in pin else {}
