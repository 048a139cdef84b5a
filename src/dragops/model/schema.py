"""The base of every shape that comes from outside: frozen, camelCase, unknown fields refused."""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

FREE_JSON: JsonDict = {"x-kubernetes-preserve-unknown-fields": True}

Json: TypeAlias = Annotated[Any, Field(json_schema_extra=FREE_JSON)]
"""A JSON value of any shape."""


class Shape(BaseModel):
    """A frozen shape with camelCase names on the outside and snake_case ones on the inside."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
    )

    def as_json(self) -> dict[str, Any]:
        """Give the shape as JSON data with its outside names, unset fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Report(Shape):
    """A shape that one of our processes writes and others read; unknown fields are newer ones."""

    model_config = ConfigDict(extra="ignore")
