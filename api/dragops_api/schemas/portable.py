"""A pattern as a document that leaves its installation: the export's JSON, or a manifest."""

from typing import Literal

from pydantic import ConfigDict, Field

from dragops.model.graph_data import GraphData
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Shape
from dragops_api.schemas.patterns import Description, Flag, Name, Tags

FORMAT_VERSION = 1


class PatternExport(Shape):
    """A pattern without ids and times; ``graphData`` holds nodes, edges, variables, editor's keys.

    ``formatVersion`` rises when a reader of today could misread what a writer then writes.
    """

    format: Literal["dragops-pattern"]
    format_version: Literal[1]
    name: Name
    description: Description = ""
    tags: Tags = ()
    is_public: Flag = False
    is_template: Flag = False
    graph_data: GraphData


class ManifestMetadata(Shape):
    """The part of a manifest's metadata that means something elsewhere."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", max_length=253)
    annotations: dict[str, str] | None = None


class PatternManifest(Shape):
    """A Pattern as kubectl applies it, or as kubectl shows it: status is left aside."""

    model_config = ConfigDict(extra="ignore")

    api_version: Literal["dragops.dev/v1"]
    kind: Literal["Pattern"]
    metadata: ManifestMetadata = ManifestMetadata()
    spec: PatternSpec
