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
    OAuth2,
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
    ``oauth2ClientCredentials`` has the client's id and its secret, which ``tokenUrl`` takes.
    """

    provider: Word
    auth_type: Literal["none", "apiKey", "bearer", "basic", "oauth2ClientCredentials"]
    credentials: tuple[Credential, ...] = Field(default=(), max_length=16)
    header: str | None = Field(default=None, min_length=1, max_length=256)
    query: str | None = Field(default=None, min_length=1, max_length=256)
    token_url: Template | None = Field(default=None, min_length=1)
    scope: Template | None = None


class Defaults(Shape):
    """What holds for each node that does not say otherwise."""

    headers: dict[str, Template] = Field(default_factory=dict, max_length=PARTS_MAX)
    timeout: float | None = Field(default=None, ge=1, le=SECONDS_MAX)


class PackNode(DeclaredNode):
    """A node of a pack: a definition that has a name."""

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=64)
    request: RequestTemplate


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


_CREDENTIALS = {"none": (0, 0), "basic": (1, 2), "oauth2ClientCredentials": (2, 2)}
"""How many there are, at least and at most; else one."""
_ONLY_OF = {
    **dict.fromkeys(("header", "query"), "apiKey"),
    **dict.fromkeys(("tokenUrl", "scope"), "oauth2ClientCredentials"),
}


def _bad_connection(connection: Connection) -> Iterator[tuple[str, str]]:
    least, most = _CREDENTIALS.get(connection.auth_type, (1, 1))
    if not least <= len(connection.credentials) <= most:
        needed = str(least) if least == most else f"{least} or {most}"
        told = f"authType {connection.auth_type} takes {needed}, here are"
        yield "credentials", f"{told} {len(connection.credentials)}"
    if connection.auth_type == "apiKey" and bool(connection.header) == bool(connection.query):
        yield "authType", "apiKey goes into a header or a query parameter: name one of them"
    if connection.auth_type == "oauth2ClientCredentials" and not connection.token_url:
        yield "authType", "oauth2ClientCredentials asks somebody for tokens: name tokenUrl"
    for field, type_ in _ONLY_OF.items():
        if field in connection.as_json() and connection.auth_type != type_:
            yield field, f"only authType {type_} has one, this is {connection.auth_type}"


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
    secrets = [f"{{secrets{_step(each.name)}}}" for each in connection.credentials]
    return request.model_copy(update=_added(connection, request, secrets))


def _added(
    connection: Connection, request: RequestTemplate, secrets: list[str]
) -> dict[str, object]:
    own = {name.lower() for name in request.headers}
    has_own = bool(request.basic_auth or request.oauth2) or "authorization" in own
    first, second = (*secrets, "")[:2]
    match connection.auth_type:
        case "basic" if not has_own:
            return {"basic_auth": BasicAuth(username=first, password=second)}
        case "oauth2ClientCredentials" if connection.token_url and not has_own:
            place, scope = connection.token_url, connection.scope or ""
            grant = OAuth2(token_url=place, client_id=first, client_secret=second, scope=scope)
            return {"oauth2": grant}
        case "bearer" if not has_own:
            return {"headers": _under(request.headers, {"Authorization": f"Bearer {first}"})}
        case "apiKey" if connection.header:
            return {"headers": _under(request.headers, {connection.header: first})}
        case "apiKey" if connection.query:
            return {"query": {connection.query: first} | request.query}
    return {}


def _under(own: dict[str, str], shared: dict[str, str]) -> dict[str, str]:
    """Give shared headers and a node's own, which count where both have one, in any case."""
    taken = {name.lower() for name in own}
    return {name: value for name, value in shared.items() if name.lower() not in taken} | own


def _step(name: str) -> str:
    return f'["{name}"]' if "." in name else f".{name}"
