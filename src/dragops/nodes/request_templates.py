"""The templates of a declarative node's request, and what becomes of them in a run.

``{pin}`` and ``{pin.path}`` are input pins, ``{secrets.NAME}`` and ``{environment.NAME}`` what the
deployment's Environment holds. A text that is one placeholder and nothing else gives the value as
it is; where that is null, its key is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from dragops.errors import RunFailure
from dragops.nodes.context import Context
from dragops.nodes.convert import to_string
from dragops.nodes.limits import DEPTH_MAX, joined
from dragops.nodes.paths import read_path, value_or_null
from dragops.nodes.templates import read_template
from dragops.nodes.variables import get_secret

SECRETS, ENVIRONMENT = "secrets", "environment"
_ABSENT: Final = object()


class Filler:
    """Fills templates with what one call was given."""

    def __init__(self, ctx: Context, pins: Mapping[str, Any]) -> None:
        self._ctx, self._pins = ctx, dict(pins)

    def text(self, template: str) -> str:
        """Give the text of a template; null is the empty one."""
        return joined(list(self._parts(template)), "")

    def url(self, template: str) -> str:
        """Give a URL: values are percent-encoded, but for one that it begins with."""
        written = ""
        for text, path in read_template(template):
            # one slash between a base URL and the path
            written = (written.rstrip("/") if text.startswith("/") else written) + text
            if path is not None:
                value = self._value(path)
                if value is None or value == "":
                    raise RunFailure("KeyError", f"the URL needs {path}, which is empty")
                found = to_string(value, path)
                written += quote(found, safe="") if written else found
        return _without_dots(written)

    def mapping(self, templates: Mapping[str, Any]) -> dict[str, Any]:
        """Fill the values of a mapping; what is null and alone in its place is left out."""
        filled = ((key, self._filled(value)) for key, value in templates.items())
        return {key: value for key, value in filled if value is not _ABSENT}

    def value(self, template: Any) -> Any:
        """Fill all texts inside a value; a placeholder alone that is null gives null."""
        filled = self._filled(template)
        return None if filled is _ABSENT else filled

    def _filled(self, template: Any) -> Any:
        if isinstance(template, str):
            path = _alone(template)
            if path is None:
                return self.text(template)
            value = self._value(path)
            return _ABSENT if value is None else value
        if isinstance(template, dict):
            return self.mapping(template)
        return [self.value(item) for item in template] if isinstance(template, list) else template

    def _parts(self, template: str) -> Iterator[str]:
        for text, path in read_template(template):
            yield text
            if path is not None:
                yield to_string(self._value(path), path)

    def _value(self, path: str) -> Any:
        steps = read_path(path)
        if steps[0] == SECRETS:
            return get_secret(self._ctx, str(steps[1]))
        if steps[0] == ENVIRONMENT:
            return _variable(self._ctx, str(steps[1]))
        return value_or_null(self._pins, path)


def check_template(template: Any, pins: frozenset[str]) -> None:
    """Look at all texts inside a template; ValueError says what they name that is not there."""
    for text in _texts(template, DEPTH_MAX):
        try:
            parts = read_template(text)
        except RunFailure as exc:
            raise ValueError(exc.message) from exc
        for _, path in parts:
            if path is not None:
                _check_path(path, pins)


def _check_path(path: str, pins: frozenset[str]) -> None:
    first, *rest = read_path(path)
    if first in {SECRETS, ENVIRONMENT}:
        if len(rest) != 1 or not isinstance(rest[0], str):
            raise ValueError(f"{{{path}}}: write {{{first}.NAME}}")
    elif first not in pins:
        known = ", ".join(sorted(pins)) or "no pin"
        raise ValueError(f"{{{path}}} is no input: there is {known}, {SECRETS} and {ENVIRONMENT}")


def _texts(template: Any, levels: int) -> Iterator[str]:
    if levels < 0:
        raise ValueError(f"it nests more than {DEPTH_MAX} levels")
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict | list):
        for inner in template.values() if isinstance(template, dict) else template:
            yield from _texts(inner, levels - 1)


def _alone(template: str) -> str | None:
    """Give the path of a template that is one placeholder."""
    first, *rest = read_template(template)
    return first[1] if first[0] == "" and rest == [("", None)] else None


def _variable(ctx: Context, name: str) -> str:
    try:
        return ctx.environment[name]
    except KeyError:
        message = f"the deployment's Environment has no variable {name[:200]!r}"
        raise RunFailure("KeyError", message) from None


def _without_dots(url: str) -> str:
    # clients resolve such steps: a value must not lead to another path than the template's
    path = url.partition("?")[0].partition("#")[0]
    if {".", ".."} & set(path.split("/")):
        raise RunFailure("ParseError", "a step of the URL's path is . or ..")
    return url
