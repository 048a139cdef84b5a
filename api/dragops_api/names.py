"""From an id in a path to a resource's name; an id that no resource can have is not found."""

import re

from dragops.errors import NotFound
from dragops.model.ids import NAME_MAX, NAME_PATTERN, name_of

_NAME = re.compile(NAME_PATTERN)


def resource_name(kind: str, id_: str) -> str:
    """Give the resource's name; raise NotFound for what cannot be one."""
    name = name_of(id_)
    if len(name) > NAME_MAX or not _NAME.fullmatch(name):
        raise NotFound(kind, id_)
    return name
