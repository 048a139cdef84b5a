"""A pattern: the graph that a person drew, as the resource ``Pattern`` holds it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from dragops.model.condition import Condition
from dragops.model.ids import NODE_ID_PATTERN
from dragops.model.pin import PinType
from dragops.model.schema import FREE_JSON, Json, Report, Shape

NODES_MAX, WIRES_MAX, VARIABLES_MAX = 5_000, 20_000, 200
"""What a pattern holds at most; more is a fault that the compiler tells, and no shape."""
PATTERN_BYTES_MAX = 1_048_576
"""Canonical JSON of a stored pattern; etcd refuses requests above 1.5 MiB."""


def at_most(count: int) -> JsonDict:
    """Say how long a list may be, for schemas; the compiler refuses a longer one."""
    return {"maxItems": count}


Text = Annotated[str, Field(max_length=4096)]


def _with_plain_y(schema: JsonDict) -> None:
    # kubectl, Helm and Argo CD read YAML 1.1, where a plain y is the word true
    properties = schema["properties"]
    if isinstance(properties, dict):
        said = "The same as y: what kubectl sends for a y without quotes."
        properties["true"] = {"type": "number", "description": said}


class Position(Shape):
    """Where an editor shows the node, in pixels."""

    model_config = ConfigDict(json_schema_extra=_with_plain_y)

    x: float = Field(default=0, description="From the left.")
    y: float = Field(default=0, description="From the top.")

    @model_validator(mode="before")
    @classmethod
    def _read_plain_y(cls, value: object) -> object:
        if not isinstance(value, dict) or "true" not in value:
            return value
        # beside it the API server has put the default of y
        return {key: value[key] for key in value if key != "true"} | {"y": value["true"]}


class Node(Shape):
    """One node of the graph."""

    id: str = Field(pattern=NODE_ID_PATTERN, max_length=63, description="Unique in the pattern.")
    type: str = Field(
        max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="A node of the catalogue."
    )
    title: str | None = Field(
        default=None, max_length=256, description="Shown instead of the type."
    )
    description: Text | None = Field(default=None, description="What it is for; nothing reads it.")
    values: dict[str, Json] = Field(
        default_factory=dict,
        json_schema_extra=FREE_JSON,
        description="Settings of the node, and values of inputs that no wire reaches.",
    )
    position: Position | None = None


class Wire(Shape):
    """A connection from an output pin to an input pin."""

    from_: str = Field(alias="from", max_length=128, description="<node id>.<output pin>")
    to: str = Field(max_length=128, description="<node id>.<input pin>")


class Variable(Shape):
    """A variable of the pattern; each run starts with its default."""

    name: str = Field(
        max_length=63, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Unique in the pattern."
    )
    type: PinType
    default: Json = Field(default=None, description="Its value when a run begins.")

    @field_validator("type", mode="before")
    @classmethod
    def _read_type(cls, value: object) -> object:
        try:
            return PinType.read(value) if isinstance(value, str) else value
        except StopIteration:
            return value


class PatternSpec(Shape):
    """What a pattern's author wants: nodes, the wires between them, variables."""

    title: str = Field(default="", max_length=256, description="The pattern's name for people.")
    description: Text = Field(default="", description="What the pattern is for.")
    tags: tuple[Annotated[str, Field(max_length=63)], ...] = Field(
        default=(), max_length=50, description="Words to find it by."
    )
    variables: tuple[Variable, ...] = Field(
        default=(),
        json_schema_extra=at_most(VARIABLES_MAX),
        description="What the nodes of one run share.",
    )
    nodes: tuple[Node, ...] = Field(
        default=(),
        json_schema_extra=at_most(NODES_MAX),
        description="What happens, and what starts it.",
    )
    wires: tuple[Wire, ...] = Field(
        default=(),
        json_schema_extra=at_most(WIRES_MAX),
        description="In which order, and with which values.",
    )
    editor: dict[str, Json] | None = Field(
        default=None,
        json_schema_extra=FREE_JSON,
        description="What an editor keeps for itself; nothing else reads it.",
    )


class TriggerStatus(Report):
    """A node that starts runs."""

    type: str = Field(max_length=64, description="The node's type.")
    node_id: str = Field(max_length=63, description="The node's id.")


class Problem(Report):
    """One fault that the compiler found."""

    code: str = Field(max_length=64, description="The kind of fault.")
    message: str = Field(max_length=2048, description="What is wrong, and what to do.")
    node_id: str | None = Field(default=None, max_length=63, description="The node it is at.")
    pin: str | None = Field(default=None, max_length=128, description="The pin it is at.")
    wire: str | None = Field(default=None, max_length=260, description="The wire it is at.")


class PatternStatus(Report):
    """The operator's verdict on a pattern."""

    observed_generation: int = Field(default=0, description="The generation that was judged.")
    source: str | None = Field(
        default=None, max_length=64, description="Digest of what was checked, and of its rules."
    )
    triggers: tuple[TriggerStatus, ...] = Field(
        default=(), max_length=NODES_MAX, description="The nodes that start runs."
    )
    problems: tuple[Problem, ...] = Field(
        default=(), max_length=100, description="The first 100 faults; a deploy tells all."
    )
    conditions: tuple[Condition, ...] = Field(
        default=(), max_length=16, description="Valid: it compiles. Ready: it is what runs."
    )


class Metadata(Report):
    """The part of an object's metadata that decisions need."""

    name: str
    namespace: str
    uid: str
    generation: int
    resource_version: str
    creation_timestamp: str
    deletion_timestamp: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Metadata":
        """Read the metadata of an object as the API server gives it."""
        known = {field.alias for field in cls.model_fields.values()}
        return cls.model_validate({"generation": 0} | {k: raw[k] for k in raw.keys() & known})


class Pattern(Shape):
    """A Pattern resource."""

    metadata: Metadata
    spec: PatternSpec
    status: PatternStatus

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Pattern":
        """Read a Pattern as the API server gives it."""
        return cls(
            metadata=Metadata.of(raw["metadata"]),
            spec=PatternSpec.model_validate(raw.get("spec", {})),
            status=PatternStatus.model_validate(raw.get("status", {})),
        )
