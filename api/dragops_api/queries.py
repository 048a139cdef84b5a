"""Query parameters are taken at their word: one that a route does not know is a mistake."""

from collections.abc import Mapping, Sequence
from typing import get_args, get_origin

from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams

from dragops.errors import BadInput

_TOLD = 64


def known_parameters(dependant: Dependant) -> dict[str, bool]:
    """Give the query parameters of a route, and whether each may be there several times."""
    known = {field.alias: _is_list(field.field_info.annotation) for field in dependant.query_params}
    for inner in dependant.dependencies:
        known |= known_parameters(inner)
    return known


def check_query(query: QueryParams, known: Mapping[str, bool]) -> None:
    """Raise BadInput for a parameter that is not known, or is there twice."""
    for name in query:
        if name not in known:
            allowed = ", ".join(sorted(known)) or "none"
            raise BadInput(
                f"query.{name[:_TOLD]}", f"is not a parameter of this route; it knows {allowed}"
            )
        if not known[name] and len(query.getlist(name)) > 1:
            raise BadInput(f"query.{name}", "is there more than once")


def _is_list(annotation: object) -> bool:
    kinds = (annotation, *get_args(annotation))
    return any(_is_sequence(get_origin(kind) or kind) for kind in kinds)


def _is_sequence(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Sequence) and not issubclass(kind, str)
