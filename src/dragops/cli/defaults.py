"""What the API server fills in where a manifest says null: ``limits:`` with nothing behind it.

Only a field with a default of its own is filled; any other null is refused.
"""

from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_EMPTY = (None, "", ())


def filled(shape: type[BaseModel], part: Any) -> Any:
    """Leave out what is null and has a default, at every level."""
    if not isinstance(part, dict):
        return part
    fields = {field.alias or name: field for name, field in shape.model_fields.items()}
    return {
        key: _inner(fields[key].annotation, value) if key in fields else value
        for key, value in part.items()
        if value is not None or key not in fields or not _has_default(fields[key])
    }


def _has_default(field: FieldInfo) -> bool:
    # an empty one stands in no resource definition: it tells a reader nothing
    return not field.is_required() and field.default_factory is None and field.default not in _EMPTY


def _inner(annotation: Any, value: Any) -> Any:
    kinds = (annotation, *get_args(annotation))
    shape = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
    if shape is None:
        return value
    if isinstance(value, list):
        return [filled(shape, each) for each in value]
    if isinstance(value, dict) and get_origin(annotation) is dict:
        return {key: filled(shape, each) for key, each in value.items()}
    return filled(shape, value)
