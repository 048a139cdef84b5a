"""Reads what FastAPI has not read of a body; what is wrong with it is told in the same way."""

from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from dragops.model.schema import Shape

S = TypeVar("S", bound=Shape)


def parsed(shape: type[S], value: Any, *place: str) -> S:
    """Read a value; every fault is told with its path, from ``place`` on."""
    try:
        return shape.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        raise RequestValidationError([e | {"loc": (*place, *e["loc"])} for e in errors]) from exc
