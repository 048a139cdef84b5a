"""An integration pack (``.dragops-pack.json``): declarative nodes of one service, to be handed on.

What its nodes share (credentials, headers, the time limit) is written once; ``definitions_of``
writes it into each node. A credential is the name of a secret of the Environment.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from dragops.model.declared import (
    DEFINITIONS_MAX,
    PARTS_MAX,
    SECONDS_MAX,
    BasicAuth,
    DeclaredNode,
    RequestTemplate,
    Template,
)
from dragops.model.environment import VARIABLE_NAME_PATTERN
from dragops.model.marks import Path
from dragops.model.pattern import Text
from dragops.model.schema import Shape

Word = Annotated[str, Field(min_length=1, max_length=256)]


class PackMetadata(Shape):
    """What a pack is, for those who choose one."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)
    name: Word
    description: Text
    version: str = Field(
        pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
        max_length=63,
    )
    category: Word
    tags: tuple[Annotated[str, Field(max_length=63)], ...] = Field(default=(), max_length=50)
    icon_url: str | None = Field(default=None, pattern=r"^https://", max_length=2_048)


class Credential(Shape):
    """A secret that the calls need; ``name`` is its name in the Environment."""

    name: str = Field(pattern=VARIABLE_NAME_PATTERN)
    label: Word
    description: Text = ""
    placeholder: str = Field(default="", max_length=256)


class Connection(Shape):
    """Who is called, and how a call says who calls.

    ``apiKey`` goes into the header or the query parameter named here, ``bearer`` and ``basic`` into
    Authorization: with two credentials ``basic`` has the user first, with one it has no password.
    """

    provider: Word
    auth_type: Literal["none", "apiKey", "bearer", "basic"]
    credentials: tuple[Credential, ...] = Field(default=(), max_length=16)
    header: str | None = Field(default=None, min_length=1, max_length=256)
    query: str | None = Field(default=None, min_length=1, max_length=256)


class Defaults(Shape):
    """What holds for each node that does not say otherwise."""

    headers: dict[str, Template] = Field(default_factory=dict, max_length=PARTS_MAX)
    timeout: float | None = Field(default=None, ge=1, le=SECONDS_MAX)


class PackNode(DeclaredNode):
    """A node of a pack: a definition that has a name."""

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=64)


class Pack(Shape):
    """A pack as it is written."""

    pack_version: Literal["1.0"]
    metadata: PackMetadata
    connection: Connection | None = None
    defaults: Defaults = Defaults()
    nodes: tuple[PackNode, ...] = Field(max_length=DEFINITIONS_MAX)


def faults_in(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Say what in a pack does not go together, each with its place."""
    if not pack.nodes:
        yield ("nodes",), "a pack has at least one node"
    first: dict[str, int] = {}
    for at, node in enumerate(pack.nodes):
        if first.setdefault(node.id, at) != at:
            yield ("nodes", at, "id"), f"there are two nodes {node.id}: rename one"
    if pack.connection is not None:
        for field, told in _bad_connection(pack.connection):
            yield ("connection", field), told


def definitions_of(pack: Pack) -> dict[str, DeclaredNode]:
    """Give the node types of a pack in which ``faults_in`` finds nothing."""
    return {node.id: _whole(pack, node) for node in pack.nodes}


def _bad_connection(connection: Connection) -> Iterator[tuple[str, str]]:
    named, count = [n for n in (connection.header, connection.query) if n], {"none": (0, 0)}
    least, most = (count | {"basic": (1, 2)}).get(connection.auth_type, (1, 1))
    if not least <= len(connection.credentials) <= most:
        needed = str(least) if least == most else f"{least} or {most}"
        told = f"authType {connection.auth_type} takes {needed}, here are"
        yield "credentials", f"{told} {len(connection.credentials)}"
    if connection.auth_type == "apiKey" and len(named) != 1:
        yield "authType", "apiKey goes into a header or a query parameter: name one of them"
    if connection.auth_type != "apiKey" and named:
        field = "header" if connection.header else "query"
        yield field, f"only authType apiKey has one: {connection.auth_type} has its own place"


def _whole(pack: Pack, node: PackNode) -> DeclaredNode:
    request = _authorized(pack.connection, node.request)
    headers = _under(request.headers, pack.defaults.headers)
    update: dict[str, object] = {
        "request": request.model_copy(update={"headers": headers}),
        "category": node.category or pack.metadata.name,
    }
    if pack.defaults.timeout is not None and "timeout" not in node.model_fields_set:
        update["timeout"] = pack.defaults.timeout
    return DeclaredNode.model_validate(node.model_copy(update=update).as_json())


def _authorized(connection: Connection | None, request: RequestTemplate) -> RequestTemplate:
    """Add what a connection adds; a node that has it already keeps its own."""
    if connection is None or not connection.credentials:
        return request
    secret, *others = (f"{{secrets{_step(each.name)}}}" for each in connection.credentials)
    has_own = request.basic_auth or "authorization" in {name.lower() for name in request.headers}
    match connection.auth_type:
        case "basic" if not has_own:
            user = BasicAuth(username=secret, password=others[0] if others else "")
            return request.model_copy(update={"basic_auth": user})
        case "bearer" if not has_own:
            headers = _under(request.headers, {"Authorization": f"Bearer {secret}"})
            return request.model_copy(update={"headers": headers})
        case "apiKey" if connection.header:
            headers = _under(request.headers, {connection.header: secret})
            return request.model_copy(update={"headers": headers})
        case "apiKey" if connection.query:
            return request.model_copy(update={"query": {connection.query: secret} | request.query})
    return request


def _under(own: dict[str, str], shared: dict[str, str]) -> dict[str, str]:
    """Give shared headers and a node's own, which count where both have one, in any case."""
    taken = {name.lower() for name in own}
    return {name: value for name, value in shared.items() if name.lower() not in taken} | own


def _step(name: str) -> str:
    return f'["{name}"]' if "." in name else f".{name}"
