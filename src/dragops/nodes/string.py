"""Strings, counted in code points: put together and taken apart."""

from typing import Any, Final

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.convert import to_string
from dragops.nodes.definition import DynamicPins, Pin, Settings
from dragops.nodes.limits import BYTES_MAX, bounded_size, bounded_text, joined, limit_error
from dragops.nodes.templates import filled, placeholders_of, read_template
from dragops.nodes.white_space import WHITE_SPACE

category = Category("String")

_TAKEN: Final = {"values", "template"}


def _template(value: str) -> str:
    try:
        read_template(value)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    for name in placeholders_of(value):
        if name in _TAKEN:
            raise ValueError(f"{{{name}...}} is taken by {name} of the node: use another name")
    return value


def _placeholder_pins(settings: Settings) -> DynamicPins:
    names = placeholders_of(settings["template"])
    return DynamicPins(inputs=tuple(Pin(name, PinType.ANY, nullable=True) for name in names))


@category.node('Concat pure (a: String = "", b: String = "") -> (result: String)')
def concat(a: str = "", b: str = "") -> str:
    """Put two texts together."""
    return bounded_text(a + b)


@category.node("StringLength pure (value: String!) -> (length: Integer)")
def string_length(value: str) -> int:
    """Count the code points."""
    return len(value)


@category.node(
    'Split pure (value: String!, separator: String = ",")'
    " [trim: Boolean = false, skipEmpty: Boolean = false] -> (result: Array)"
)
def split(
    value: str, separator: str = ",", trim: bool = False, skip_empty: bool = False
) -> list[str]:
    """Take a text apart at each separator; without one, into its code points."""
    if not value:
        return []
    bounded_size(value.count(separator) + 1 if separator else len(value), "Array")
    parts = value.split(separator) if separator else list(value)
    if trim:
        parts = [part.strip(WHITE_SPACE) for part in parts]
    return [part for part in parts if part] if skip_empty else parts


@category.node('Join pure (array: Array!, separator: String = ", ") -> (result: String)')
def join(array: list[Any], separator: str = ", ") -> str:
    """Put the items together, each as text, with a separator between them."""
    return joined([to_string(item, "array") for item in array], separator)


@category.node(
    'Replace pure (value: String!, search: String!, replacement: String = "") -> (result: String)'
)
def replace(value: str, search: str, replacement: str = "") -> str:
    """Put a replacement wherever a text is found, as it is written."""
    if not search:
        return value
    grown = value.count(search) * (len(replacement) - len(search))
    if len(value) + grown > BYTES_MAX:
        raise limit_error("a String holds 10 MiB")
    return bounded_text(value.replace(search, replacement))


@category.node(
    "Substring pure (value: String!, start: Integer = 0, length: Integer?) -> (result: String)"
)
def substring(value: str, start: int = 0, length: int | None = None) -> str:
    """Cut out a piece; a start below 0 counts from the end."""
    begin = max(start + len(value), 0) if start < 0 else start
    return value[begin:] if length is None else value[begin : begin + max(length, 0)]


@category.node(
    "Format pure (...placeholder: Any, values: Object = {})"
    ' [template: String = ""] -> (result: String)',
    checks={"template": _template},
    dynamic=_placeholder_pins,
)
def format_(
    template: str = "",
    placeholders: dict[str, Any] | None = None,
    values: dict[str, Any] | None = None,
) -> str:
    """Fill a template such as `Hello, {user.name}!`; each first key is a pin."""
    both = {**values, **(placeholders or {})} if values else placeholders
    return filled(template, both or {})
