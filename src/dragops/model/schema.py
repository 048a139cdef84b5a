"""The base of every shape that comes from outside: frozen, camelCase, unknown fields refused."""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

FREE_JSON: JsonDict = {"x-kubernetes-preserve-unknown-fields": True}

LEVELS_MAX = 200
"""Deeper values cannot be written by every encoder; the API server stores them all the same."""


def nests_deeper(value: Any) -> bool:
    """Say whether a JSON value nests deeper than encoders go."""
    level, depth = [value], 0
    while level := [inner for outer in level for inner in _inside(outer)]:
        depth += 1
        if depth > LEVELS_MAX:
            return True
    return False


def bounded(value: Any) -> Any:
    """Give a JSON value without what lies too deep in it; the compiler refuses what is left."""
    return _cut(value, LEVELS_MAX) if nests_deeper(value) else value


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _cut(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        return {key: _cut(inner, levels - 1) for key, inner in value.items()} if levels else {}
    if isinstance(value, list):
        return [_cut(inner, levels - 1) for inner in value] if levels else []
    return value


Json: TypeAlias = Annotated[Any, BeforeValidator(bounded), Field(json_schema_extra=FREE_JSON)]
"""A JSON value of any shape; what lies deeper than any of ours is left out."""


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
