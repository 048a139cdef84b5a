"""Time zones by their names in the tz database, and no other names that some machine may know."""

import re
import zoneinfo

from dragops.errors import BadInput

_PART = re.compile(r"(?!-)(?!\.{1,2}$)[A-Za-z._0-9+-]{1,14}")
_NO_ZONES = {"local", "localtime", "posixrules", "factory", "posix", "right"}
"""Files and folders that some machines have beside the zones; Kubernetes itself refuses Local."""


def read_zone(name: str) -> zoneinfo.ZoneInfo:
    """Give the zone of that name; BadInput's path is ``timezone``."""
    parts = name.split("/")
    if parts[0].lower() in _NO_ZONES or not all(_PART.fullmatch(part) for part in parts):
        raise BadInput("timezone", f"{name!r} is not a zone such as UTC or Europe/Berlin")
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise BadInput(
            "timezone", f"{name!r} is not a zone that is known, such as UTC or Europe/Berlin"
        ) from exc
