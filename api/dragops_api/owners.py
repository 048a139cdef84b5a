"""Whose fields a write changes: other managers that own them will put them back.

An apply by Argo CD, Flux or kubectl owns what its manifest names; ``managedFields`` tells.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from dragops_api.annotations import PUBLIC, TEMPLATE

Object = dict[str, Any]
Field = tuple[str, ...]
_NOTES = ("metadata", "annotations")


def is_same(one: Any, other: Any) -> bool:
    """Say whether two JSON values are the same; in Python 1 equals true."""
    return _text(one) == _text(other)


def changed_fields(before: Object, after: Object) -> list[Field]:
    """Give the fields of the spec that differ, and those annotations that mean something."""
    old, new = before["spec"], after["spec"]
    fields: list[Field] = [
        ("spec", key) for key in sorted({*old, *new}) if not is_same(old.get(key), new.get(key))
    ]
    was, now = (obj["metadata"].get("annotations", {}) for obj in (before, after))
    notes = [note for note in (PUBLIC, TEMPLATE) if was.get(note) != now.get(note)]
    return fields + [(*_NOTES, note) for note in notes]


def every_field(obj: Object) -> list[Field]:
    """Give every field of the spec."""
    return [("spec", key) for key in sorted(obj["spec"])]


def foreign_owners(obj: Object, fields: Iterable[Field], *, own: str) -> tuple[str, ...]:
    """Name the other field managers of any of these fields."""
    wanted = list(fields)
    owned = {
        entry["manager"]
        for entry in obj["metadata"].get("managedFields", ())
        if entry.get("manager") != own
        and not entry.get("subresource")
        and any(_owns(entry.get("fieldsV1", {}), field) for field in wanted)
    }
    return tuple(sorted(owned))


def _owns(owned: Any, field: Field) -> bool:
    for part in field:
        owned = owned.get(f"f:{part}") if isinstance(owned, dict) else None
    return owned is not None


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
