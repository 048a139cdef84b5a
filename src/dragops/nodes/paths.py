"""Paths into values: ``items[0].price``, ``labels["app.kubernetes.io/name"]``.

Reading never fails but for a malformed path; writing copies what it changes, as values never do.
"""

import json
import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

from dragops.errors import RunFailure
from dragops.nodes.convert import conversion_error, quoted
from dragops.nodes.limits import (
    DEPTH_MAX,
    PATH_MAX,
    bounded_depth,
    bounded_size,
    limit_error,
)

Steps: TypeAlias = tuple[str | int, ...]

_STEP: Final = re.compile(
    r"""(?P<key>[^.\[\]"]+)|\[(?P<position>-?[0-9]{1,9})\]|\[(?P<text>"(?:[^"\\]|\\.)*")\]"""
)
_PLAIN_KEY: Final = re.compile(r"[^.\[\]\"]+")


class _NotFound:
    """The one value that stands for nothing at a path; null is a value."""


NOT_FOUND: Final = _NotFound()


@lru_cache(maxsize=4096)
def read_path(path: str) -> Steps:
    """Split a path into keys and positions; ValueError says what is malformed."""
    if len(path) > PATH_MAX:
        raise limit_error(f"a path has {PATH_MAX} characters")
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        if steps and path[at] == ".":
            at += 1
            found = _STEP.match(path, at)
            found = found if found and found["key"] else None
        else:
            found = _STEP.match(path, at)
            found = found if not steps or (found and not found["key"]) else None
        if found is None:
            raise ValueError(f"malformed path {quoted(path)} at character {at}")
        steps.append(_step(found))
        at = found.end()
    if len(steps) > DEPTH_MAX:
        raise limit_error(f"a path has {DEPTH_MAX} steps")
    return tuple(steps)


def checked_path(path: str) -> str:
    """Look at a fixed path: ValueError when it is malformed or too long."""
    try:
        read_path(path)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return path


def value_at(value: Any, path: str) -> Any:
    """Give the value at a path, or NOT_FOUND; a key equal to the whole path wins."""
    if path and type(value) is dict and path in value:
        return value[path]
    for step in _steps(path):
        if type(step) is not str:
            value = _item(value, step)
        elif type(value) is dict:
            value = value.get(step, NOT_FOUND)
        else:
            return NOT_FOUND
    return value


def value_or_null(value: Any, path: str) -> Any:
    """Give the value at a path, or null."""
    found = value_at(value, path)
    return None if found is NOT_FOUND else found


def with_value_at(value: Any, path: str, new: Any) -> Any:
    """Give a copy of ``value`` that holds ``new`` at a path; missing steps become Objects."""
    steps = _writing_steps(value, path)
    bounded_depth(new, under=len(steps))
    trail: list[Any] = []
    for step in steps:
        trail.append(value)
        value = _below(value, step, path)
    for step, holder in zip(reversed(steps), reversed(trail), strict=True):
        new = _replaced(holder, step, new)
    return new


def without_value_at(value: Any, path: str) -> Any:
    """Give a copy of ``value`` without what is at a path; the value itself if nothing is."""
    steps = _writing_steps(value, path)
    trail: list[Any] = []
    inner = value
    for step in steps:
        trail.append(inner)
        inner = inner.get(step, NOT_FOUND) if _is_key_of(inner, step) else _item(inner, step)
    if inner is NOT_FOUND or not steps:
        return value
    new = _without(trail.pop(), steps[-1])
    for step, holder in zip(reversed(steps[:-1]), reversed(trail), strict=True):
        new = _replaced(holder, step, new)
    return new


def path_of(keys: tuple[str, ...]) -> str:
    """Write the path that leads through these keys."""
    written = ""
    for key in keys:
        if _PLAIN_KEY.fullmatch(key):
            written += f".{key}" if written else key
        else:
            written += f"[{json.dumps(key, ensure_ascii=False)}]"
    return written


@lru_cache(maxsize=4096)
def _steps(path: str) -> Steps:
    try:
        return read_path(path)
    except ValueError as exc:
        raise RunFailure("ParseError", str(exc)) from exc


def _step(found: re.Match[str]) -> str | int:
    if found["key"]:
        return found["key"]
    if found["position"]:
        return int(found["position"])
    try:
        key = str(json.loads(found["text"]))
        key.encode()
        return key
    except ValueError as exc:
        raise ValueError(f"malformed key {found['text']} in a path") from exc


def _writing_steps(value: Any, path: str) -> Steps:
    is_key = path and isinstance(value, dict) and path in value
    return (path,) if is_key else _steps(path)


def _is_key_of(value: Any, step: str | int) -> bool:
    return isinstance(step, str) and isinstance(value, dict)


def _without(holder: Any, step: Any) -> Any:
    if isinstance(holder, dict):
        return {key: value for key, value in holder.items() if key != step}
    step %= len(holder)
    return [*holder[:step], *holder[step + 1 :]]


def _item(value: Any, position: Any) -> Any:
    if (
        isinstance(position, int)
        and isinstance(value, list)
        and -len(value) <= position < len(value)
    ):
        return value[position]
    return NOT_FOUND


def _below(value: Any, step: str | int, path: str) -> Any:
    if isinstance(step, str) and (value is None or isinstance(value, dict)):
        return value.get(step) if value else None
    if isinstance(step, int) and isinstance(value, list):
        if -len(value) <= step < len(value):
            return value[step]
        if step == len(value):
            return None
    if isinstance(step, int) and (value is None or isinstance(value, list)):
        raise RunFailure("KeyError", f"position {step} of path {quoted(path)} is outside its Array")
    wanted = "Object" if isinstance(step, str) else "Array"
    raise conversion_error(value, wanted, f"key (at {quoted(step)} of {quoted(path)})")


def _replaced(holder: Any, step: str | int, new: Any) -> Any:
    if isinstance(step, str):
        copy = {**(holder or {}), step: new}
        bounded_size(len(copy), "Object")
        return copy
    items = list(holder)
    if step == len(items):
        bounded_size(step + 1, "Array")
        items.append(new)
    else:
        items[step] = new
    return items
