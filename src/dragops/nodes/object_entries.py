"""Objects and maps, second part: their keys and values, all at once."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.convert import conversion_error, to_string
from dragops.nodes.limits import DEPTH_MAX, bounded_depth, bounded_size, limit_error
from dragops.nodes.paths import path_of
from dragops.nodes.values import equal

category = Category("Object/Map")


@category.node("ObjectKeys pure (object: Object!) -> (keys: Array)")
def object_keys(object_: dict[str, Any]) -> list[Any]:
    """Give the keys, in their order."""
    return list(object_)


@category.node("ObjectValues pure (object: Object!) -> (values: Array)")
def object_values(object_: dict[str, Any]) -> list[Any]:
    """Give the values, in the order of their keys."""
    return list(object_.values())


@category.node("ObjectEntries pure (object: Object!) -> (entries: Array)")
def object_entries(object_: dict[str, Any]) -> list[Any]:
    """Give an Array with a {key, value} for each key."""
    entries = [{"key": key, "value": value} for key, value in object_.items()]
    bounded_depth(entries)
    return entries


@category.node("ObjectFromEntries pure (entries: Array!) -> (object: Object)")
def object_from_entries(entries: list[Any]) -> dict[str, Any]:
    """Make an Object of {key, value} or [key, value]; of equal keys the later one wins."""
    return dict(_entry(each) for each in entries)


@category.node("PickProperties pure (object: Object!, keys: Array!) -> (result: Object)")
def pick_properties(object_: dict[str, Any], keys: list[Any]) -> dict[str, Any]:
    """Keep some keys of the top level."""
    wanted = {to_string(key, "keys") for key in keys}
    return {key: value for key, value in object_.items() if key in wanted}


@category.node("OmitProperties pure (object: Object!, keys: Array!) -> (result: Object)")
def omit_properties(object_: dict[str, Any], keys: list[Any]) -> dict[str, Any]:
    """Leave out some keys of the top level."""
    unwanted = {to_string(key, "keys") for key in keys}
    return {key: value for key, value in object_.items() if key not in unwanted}


@category.node("RenameProperties pure (object: Object!, names: Object!) -> (result: Object)")
def rename_properties(object_: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Give keys of the top level other names, all at once: {old: new}."""
    renamed: dict[str, Any] = {}
    for key, value in object_.items():
        renamed[to_string(names[key], "names") if key in names else key] = value
    return renamed


class Difference(NamedTuple):
    """What has changed, by path."""

    added: dict[str, Any]
    removed: dict[str, Any]
    changed: dict[str, Any]
    equal: bool


@category.node(
    "DiffObjects pure (before: Object!, after: Object!)"
    " -> (added: Object, removed: Object, changed: Object, equal: Boolean)"
)
def diff_objects(before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """Compare two Objects, and Objects inside them; Arrays are compared whole."""
    found: dict[str, dict[str, Any]] = {"added": {}, "removed": {}, "changed": {}}
    try:
        for kind, keys, what in _differences(before, after, ()):
            found[kind][path_of(keys)] = what
            bounded_size(len(found[kind]), "Object")
    except RecursionError as exc:
        raise limit_error(f"values nest {DEPTH_MAX} levels") from exc
    bounded_depth(found["changed"])
    return Difference(**found, equal=not any(found.values()))


def _differences(
    before: dict[str, Any], after: dict[str, Any], under: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    for key, old in before.items():
        keys = (*under, key)
        if key not in after:
            yield "removed", keys, old
            continue
        new = after[key]
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, keys)
        elif not equal(old, new):
            yield "changed", keys, {"before": old, "after": new}
    yield from (("added", (*under, key), after[key]) for key in after if key not in before)


def _entry(entry: Any) -> tuple[str, Any]:
    if isinstance(entry, dict) and entry.keys() == {"key", "value"}:
        return to_string(entry["key"], "entries"), entry["value"]
    if isinstance(entry, list) and len(entry) == 2:  # key and value
        return to_string(entry[0], "entries"), entry[1]
    raise conversion_error(entry, "entry {key, value} or [key, value]", "entries")
