"""Times of resources as the API shows them: ISO 8601 UTC with milliseconds and ``Z``."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from dragops.cluster.informer import UPDATED_AT
from dragops.model.run import iso
from dragops_api.annotations import CHANGED_AT, CREATED_AT

Object = dict[str, Any]
_SAME = timedelta(seconds=5)


def created_at(obj: Object) -> str:
    """Give the time of creation; milliseconds where this API made it (Kubernetes keeps none)."""
    metadata = obj["metadata"]
    made, noted = _read(metadata["creationTimestamp"]), _read(_annotation(obj, CREATED_AT))
    if made is None:
        return ""
    # a note that was copied along with a manifest is about another object
    return iso(noted if noted and abs(noted - made) < _SAME else made)


def updated_at(obj: Object, *others: str | None) -> str:
    """Give the time of the last change that anybody made, or of a later one in ``others``."""
    metadata = obj["metadata"]
    told = (metadata.get(UPDATED_AT), _annotation(obj, CHANGED_AT), *others)
    return max((created_at(obj), *(iso(m) for m in _moments(told))))


def shown(text: str | None) -> str | None:
    """Give a time of a status as the API shows it."""
    moment = _read(text)
    return iso(moment) if moment else None


def _moments(texts: Iterable[str | None]) -> list[datetime]:
    return [moment for moment in map(_read, texts) if moment]


def _annotation(obj: Object, name: str) -> str | None:
    text: str | None = obj["metadata"].get("annotations", {}).get(name)
    return text


def _read(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None  # an annotation that somebody wrote by hand
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
