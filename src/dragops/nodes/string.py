"""Strings, counted in code points."""

from typing import Any

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.category import Category
from dragops.nodes.definition import DynamicPins, Pin, Settings
from dragops.nodes.limits import bounded_text
from dragops.nodes.templates import filled, placeholders_of, read_template

category = Category("String")


def _template(value: str) -> str:
    try:
        read_template(value)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    if "values" in placeholders_of(value):
        raise ValueError("{values...} is taken by the input values: use another name")
    return value


def _placeholder_pins(settings: Settings) -> DynamicPins:
    names = placeholders_of(settings["template"])
    return DynamicPins(inputs=tuple(Pin(name, PinType.ANY, nullable=True) for name in names))


@category.node('Concat pure (a: String = "", b: String = "") -> (result: String)')
def concat(a: str = "", b: str = "") -> str:
    """Put two texts together."""
    return bounded_text(a + b)


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
