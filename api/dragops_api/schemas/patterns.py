"""Patterns as REST has them: a name, words about it, and the graph."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from dragops.model.graph_data import GraphData, graph_of
from dragops.model.ids import id_of
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Json, Shape
from dragops_api.annotations import PUBLIC, TEMPLATE
from dragops_api.moments import created_at, updated_at
from dragops_api.schemas.triggers import TriggerOut

NAME_MAX = 256


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("name is required")
    return text


Name = Annotated[str, Field(max_length=NAME_MAX), AfterValidator(_not_blank)]
Description = Annotated[str, Field(max_length=4096)]
Tags = Annotated[tuple[Annotated[str, Field(max_length=63)], ...], Field(max_length=50)]
Flag = Annotated[bool, Field(strict=True)]


def _say_no_defaults(schema: dict[str, Any]) -> None:
    """Else a generated client would send them, and an update would overwrite what it left out."""
    for field in schema["properties"].values():
        field.pop("default", None)


class PatternIn(Shape):
    """A new pattern, or the new state of one; what is left out of an update stays as it is."""

    model_config = ConfigDict(json_schema_extra=_say_no_defaults)

    name: Name
    description: Description = ""
    tags: Tags = ()
    is_public: Flag = False
    is_template: Flag = False
    graph_data: GraphData = GraphData()


class PatternPatch(Shape):
    """A JSON Merge Patch (RFC 7396): what is left out stays, null goes back to the default.

    ``graphData`` is merged too, key by key; its lists are replaced as wholes.
    """

    name: Name | None = None
    description: Description | None = None
    tags: Tags | None = None
    is_public: Flag | None = None
    is_template: Flag | None = None
    graph_data: dict[str, Json] | None = None


class CloneIn(Shape):
    """What a copy is called; without a name it is "Copy of ..."."""

    name: Name | None = None


class ValidateIn(Shape):
    """What to judge instead of what is stored; nothing of it is kept."""

    graph_data: GraphData | None = None
    node_definitions: dict[str, Json] = Field(
        default_factory=dict, description="What a deploy would be given."
    )


class FaultOut(Shape):
    """One thing that is wrong, or odd, with a pattern."""

    node_id: str | None = None
    pin: str | None = None
    wire: str | None = None
    code: str
    message: str


class Verdict(Shape):
    """What a deploy would say of a pattern; warnings do not stand in its way."""

    valid: bool
    faults: list[FaultOut]
    warnings: list[FaultOut]
    triggers: list[TriggerOut]


class PatternItem(Shape):
    """A pattern in a list."""

    id: str
    name: str
    description: str
    is_public: bool
    is_template: bool
    tags: list[str]
    created_at: str
    updated_at: str


class PatternOut(PatternItem):
    """A pattern with its graph; ``versionNumber`` is the one that is deployed, null for none."""

    graph_data: GraphData
    version_number: int | None

    @classmethod
    def of(cls, obj: dict[str, Any], version_number: int | None) -> "PatternOut":
        """Show a Pattern as the API server gives it."""
        graph = graph_of(PatternSpec.model_validate(obj["spec"]))
        return cls(**item_of(obj), graph_data=graph, version_number=version_number)


class PatternDeleted(Shape):
    """A pattern that is gone."""

    id: str
    status: Literal["deleted"]


def item_of(obj: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of a list's item."""
    spec, flags = obj["spec"], flags_of(obj)
    return {
        "id": id_of(obj["metadata"]["name"]),
        "name": name_of_pattern(obj),
        "description": spec.get("description", ""),
        "is_public": flags["isPublic"],
        "is_template": flags["isTemplate"],
        "tags": spec.get("tags", []),
        "created_at": created_at(obj),
        "updated_at": updated_at(obj),
    }


def name_of_pattern(obj: dict[str, Any]) -> str:
    """Give the name for people: the title, or the resource's own name."""
    title = str(obj["spec"].get("title") or "")
    return title if title.strip() else str(obj["metadata"]["name"])


def flags_of(obj: dict[str, Any]) -> dict[str, bool]:
    """Give what the annotations say of a pattern."""
    notes = obj["metadata"].get("annotations", {})
    return {
        "isPublic": notes.get(PUBLIC) == "true",
        "isTemplate": notes.get(TEMPLATE) == "true",
    }
