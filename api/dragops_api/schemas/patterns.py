"""Patterns as REST has them: a name, words about it, and the graph."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from dragops.model.graph_data import GraphData, graph_of
from dragops.model.ids import id_of
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Shape
from dragops_api.moments import created_at, updated_at

PUBLIC, TEMPLATE = "dragops.dev/is-public", "dragops.dev/is-template"
"""Annotations: they say something about a pattern and change nothing in what it does."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("name is required")
    return text


Name = Annotated[str, Field(max_length=256), AfterValidator(_not_blank)]
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
    name, spec = obj["metadata"]["name"], obj["spec"]
    notes = obj["metadata"].get("annotations", {})
    return {
        "id": id_of(name),
        "name": spec.get("title") or name,
        "description": spec.get("description", ""),
        "is_public": notes.get(PUBLIC) == "true",
        "is_template": notes.get(TEMPLATE) == "true",
        "tags": spec.get("tags", []),
        "created_at": created_at(obj),
        "updated_at": updated_at(obj),
    }
