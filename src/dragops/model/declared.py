"""A declarative node: a node type that is an HTTP call, and that its definition says whole.

A deployment holds those that its pattern uses. Without a request an entry is a view: what somebody
has of a node of the catalogue, which is compared with it. Here is their shape;
``dragops.compiler.declaring`` judges what is in it and makes of it what the compiler reads.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from dragops.model.pattern import Text
from dragops.model.schema import Json, Shape

PINS_MAX, PARTS_MAX, DEFINITIONS_MAX = 64, 64, 100
DEFINITIONS_BYTES_MAX = 262_144
"""Canonical JSON of all definitions that one pattern uses: they share a resource with the rest."""
SECONDS_MAX = 300

Template = Annotated[str, Field(max_length=4_096)]


class DeclaredPin(Shape):
    """A pin of a declarative node, in the shape of GET /api/nodes."""

    name: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=63, description="Unique on its side."
    )
    type: str = Field(
        max_length=16, description="One of the pin types, in any case; number is Float."
    )
    label: str = Field(default="", max_length=256, description="Its name for people.")
    required: bool = Field(default=False, description="An input that needs a wire or a value.")
    default: Json = Field(default=None, description="An input's value without wire and value.")
    members: tuple[Annotated[str, Field(max_length=256)], ...] = Field(
        default=(), max_length=PARTS_MAX, description="What a pin of type Enum may hold."
    )


class BasicAuth(Shape):
    """User and password, as HTTP has them."""

    username: Template = Field(description="A template.")
    password: Template = Field(default="", description="A template: {secrets.NAME}.")


class OAuth2(Shape):
    """Client credentials (RFC 6749, 4.4): they are given for a token, and the token to the call."""

    token_url: Template = Field(min_length=1, description="Where tokens are given; as url.")
    client_id: Template = Field(description="A template.")
    client_secret: Template = Field(description="A template: {secrets.NAME}.")
    scope: Template = Field(default="", description="What is asked for, names between blanks.")


class RequestTemplate(Shape):
    """An HTTP request; {pin}, {secrets.NAME} and {environment.NAME} stand for values."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = Field(
        default="GET", description="The method."
    )
    url: Template = Field(
        min_length=1,
        description="Absolute, http or https. Values are percent-encoded; one that the template "
        "begins with is taken as it is.",
    )
    headers: dict[str, Template] = Field(
        default_factory=dict, max_length=PARTS_MAX, description="By name."
    )
    query: dict[str, Json] = Field(
        default_factory=dict,
        max_length=PARTS_MAX,
        description="Added to the URL; an Array repeats its key.",
    )
    body: Json = Field(
        default=None, description="Sent as JSON, a text as it is; every text in it is a template."
    )
    basic_auth: BasicAuth | None = Field(
        default=None, description="Makes the Authorization header of user and password."
    )
    oauth2: OAuth2 | None = Field(
        default=None, description="Makes the Authorization header of a token that is fetched first."
    )


class DeclaredNode(Shape):
    """A node type that makes an HTTP call, in the shape of GET /api/nodes; or a view of one."""

    id: str | None = Field(
        default=None, max_length=64, description="The node type, as the key has it already."
    )
    label: str = Field(default="", max_length=256, description="Its name for people.")
    category: str = Field(default="", max_length=64, description="Where editors list it.")
    description: Text = Field(default="", description="What it does.")
    is_pure: bool = Field(
        default=False, description="False for a call, which is made when the exec input fires."
    )
    inputs: tuple[DeclaredPin, ...] = Field(
        default=(), max_length=PINS_MAX, description="What the templates may name."
    )
    outputs: tuple[DeclaredPin, ...] = Field(
        default=(),
        max_length=PINS_MAX,
        description="Each is in response, or one of status, ok, headers and response, which are "
        "those of HTTP Request.",
    )
    request: RequestTemplate | None = Field(
        default=None,
        description="What is sent. Without it this is a view of a node of the catalogue: where the "
        "pattern uses one of its pins, the catalogue must have it with a type that goes with it.",
    )
    response: dict[str, Annotated[str, Field(max_length=4_000)]] = Field(
        default_factory=dict,
        max_length=PINS_MAX,
        description="By output: where in the answer's body its value is, a JSON pointer (/a/0) or "
        "a JMESPath (a[0]).",
    )
    timeout: float = Field(
        default=30.0,
        ge=1,
        le=SECONDS_MAX,
        description="Seconds for the call; a node may say others.",
    )
    fail_on_error: bool = Field(
        default=False, description="A status of 400 or more fails; a node may say otherwise."
    )


Declared: TypeAlias = Mapping[str, DeclaredNode]
NOTHING: Declared = MappingProxyType({})
NodeDefinitions = Annotated[dict[str, DeclaredNode], Field(max_length=DEFINITIONS_MAX)]
"""By node type."""
