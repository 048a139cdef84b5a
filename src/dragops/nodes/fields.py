"""Field lists: settings that make pins, each field with its name, type and what stands when unset.

``["a", {"name": "id", "type": "Integer", "required": true}]``; a text is short for a name alone.
"""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS, quoted
from dragops.nodes.definition import DYNAMIC_PINS_MAX, Pin

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_KEYS: Final = ("name", "type", "required", "default", "key")
_NO_PIN: Final = {PinType.EXEC, PinType.ENUM}
_TYPES: Final = ", ".join(each.value for each in PinType if each not in _NO_PIN)
_OPEN: Final = {PinType.ANY, PinType.NULL}
_WITHOUT_ZERO: Final = {PinType.ANY, PinType.DATETIME, PinType.BINARY}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``key`` is where its value is in an Object: a key, or a path."""

    name: str
    type: PinType = PinType.ANY
    required: bool = False
    default: Any = None
    key: str = ""

    def as_input(self) -> Pin:
        """Give the input pin that the field makes."""
        return Pin(
            self.name, self.type, self.required, self.type in _OPEN, self.default, key=self.key
        )

    def as_output(self) -> Pin:
        """Give the output pin that the field makes; it may hold null."""
        return Pin(self.name, self.type, nullable=True)


def read_fields(listed: list[Any], *, taken: Collection[str] = ()) -> tuple[Field, ...]:
    """Read a field list; ValueError says what is wrong with it. ``taken`` names are no fields."""
    if len(listed) > DYNAMIC_PINS_MAX:
        raise ValueError(f"there are more than {DYNAMIC_PINS_MAX} fields")
    fields = tuple(_field(each) for each in listed)
    names: set[str] = set()
    for field in fields:
        if field.name in taken:
            raise ValueError(f"the name {field.name} is taken: choose another one")
        if field.name in names:
            raise ValueError(f"the field {field.name} is there twice")
        names.add(field.name)
    return fields


def _field(given: Any) -> Field:
    parts = {"name": given} if isinstance(given, str) else given
    if not isinstance(parts, dict):
        raise ValueError(f"the field {quoted(given)} must be a name or an Object")
    if unknown := [key for key in parts if key not in _KEYS]:
        raise ValueError(f"a field has no {unknown[0][:100]!r}: it has {', '.join(_KEYS)}")
    name = parts.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{quoted(name)} is no field name: use letters, digits and _")
    key, required = parts.get("key", name), parts.get("required", False)
    if not isinstance(key, str):
        raise ValueError(f"the key of the field {name} must be a String")
    if not isinstance(required, bool):
        raise ValueError(f"required of the field {name} must be true or false")
    type_ = _type(name, parts.get("type", "Any"))
    return Field(name, type_, required, _default(name, type_, parts.get("default")), key)


def _type(name: str, given: Any) -> PinType:
    try:
        type_ = PinType.read(given) if isinstance(given, str) else PinType.EXEC
    except StopIteration:
        type_ = PinType.EXEC
    if type_ in _NO_PIN:
        raise ValueError(f"the field {name} has no type {quoted(given)}: use {_TYPES}")
    return type_


def _default(name: str, type_: PinType, given: Any) -> Any:
    if given is None and type_ in _WITHOUT_ZERO:
        return None
    try:
        if type_ is PinType.BINARY and isinstance(given, str):
            return base64.b64decode(given, validate=True)
        return CONVERSIONS[type_](given, name)
    except (RunFailure, binascii.Error) as exc:
        wanted = f"converted to {type_.value}"
        raise ValueError(f"the default of the field {name} cannot be {wanted}") from exc
