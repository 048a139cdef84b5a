"""What a node is, as data: its pins, its settings, and the function that does its work."""

import builtins
import keyword
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dragops.model.pin import PinType

Settings = Mapping[str, Any]
"""A node's properties, checked, with defaults filled in."""

DYNAMIC_PINS_MAX = 64


class Kind(StrEnum):
    """How a node takes part in a run."""

    EVENT = "event"
    IMPURE = "impure"
    PURE = "pure"


@dataclass(frozen=True, slots=True)
class Pin:
    """A place for a wire. ``nullable``: null is passed on instead of the type's zero."""

    name: str
    type: PinType
    required: bool = False
    nullable: bool = False
    default: Any = None
    members: tuple[str, ...] = ()
    dynamic: bool = False
    check: Callable[[Any], Any] | None = None
    """Looks at a fixed value, as a property's does."""
    key: str | None = None
    """Under which a function gets the value of a dynamic input; it then gets it when unset too."""

    def as_json(self) -> dict[str, Any]:
        """Give the pin as editors read it; types are written in lower case."""
        is_exec = self.type is PinType.EXEC
        shown: dict[str, Any] = {
            "name": self.name,
            "type": self.type.value.lower(),
            "label": "" if is_exec else words(self.name),
        }
        if self.required:
            shown["required"] = True
        elif not is_exec and not self.dynamic:
            shown["default"] = self.default
        if self.members:
            shown["members"] = list(self.members)
        if self.dynamic:
            shown["dynamic"] = True
        return shown


@dataclass(frozen=True, slots=True)
class Property:
    """A setting that no wire can reach.

    ``check`` gives the value to use, or raises ValueError with what is wrong. ``alias`` is an older
    name under which the setting is read too.
    """

    name: str
    type: PinType
    required: bool = False
    default: Any = None
    members: tuple[str, ...] = ()
    check: Callable[[Any], Any] | None = None
    alias: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the property as editors read it."""
        pin = Pin(self.name, self.type, self.required, default=self.default, members=self.members)
        return pin.as_json()


@dataclass(frozen=True, slots=True)
class DynamicPins:
    """The pins that a node's settings make (MakeArray's ``count``, Switch's ``cases``)."""

    inputs: tuple[Pin, ...] = ()
    outputs: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a pattern gives to one node, for faults that no pin or property shows alone."""

    settings: Settings
    values: Mapping[str, Any]
    """Fixed values of inputs, those that are set."""
    wired: Collection[str]
    """Inputs that a wire reaches."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A node type. ``function`` is None where the compiler has a rule of its own instead."""

    type: str
    label: str
    category: str
    kind: Kind
    description: str
    inputs: tuple[Pin, ...] = ()
    outputs: tuple[Pin, ...] = ()
    properties: tuple[Property, ...] = ()
    function: Callable[..., Any] | None = None
    lazy: frozenset[str] = frozenset()
    """Inputs that are evaluated only when they are needed."""
    variable: str | None = None
    """The input that names a variable of the pattern."""
    constant: Callable[[Settings], Any] | None = None
    """Gives the value of a literal; ValueError when its setting is none."""
    dynamic: Callable[[Settings], DynamicPins] | None = None
    """Makes the dynamic pins; ValueError when the settings make none."""
    lender: str | None = None
    """The type of the node in the same pattern whose settings make the dynamic pins."""
    agreement: Callable[[Given], None] | None = None
    """Looks at all that is given together; ValueError says what does not go together."""
    request: Mapping[str, Any] | None = None
    """What a declarative node sends and reads, as ``dragops.nodes.declared`` takes it."""

    @property
    def is_pure(self) -> bool:
        """Say whether the node has no exec pins and is evaluated where it is read."""
        return self.kind is Kind.PURE

    def pins_of(self, settings: Settings) -> DynamicPins:
        """Give all pins of a node with these settings, dynamic ones in their place."""
        if self.dynamic is None:
            return DynamicPins(self.inputs, self.outputs)
        made = self.dynamic(settings)
        if len(made.inputs) + len(made.outputs) > DYNAMIC_PINS_MAX:
            raise ValueError(f"more than {DYNAMIC_PINS_MAX} dynamic pins")
        return DynamicPins(
            _in_place(self.inputs, made.inputs), _in_place(self.outputs, made.outputs)
        )

    def as_json(self) -> dict[str, Any]:
        """Give the definition in the shape of ``GET /api/nodes``."""
        return {
            "id": self.type,
            "label": self.label,
            "category": self.category,
            "description": self.description,
            "isPure": self.is_pure,
            "inputs": [pin.as_json() for pin in self.inputs],
            "outputs": [pin.as_json() for pin in self.outputs],
            "properties": [setting.as_json() for setting in self.properties],
        }


def _in_place(pins: tuple[Pin, ...], made: tuple[Pin, ...]) -> tuple[Pin, ...]:
    placed: list[Pin] = []
    for pin in pins:
        placed.extend(made if pin.dynamic else (pin,))
    return tuple(placed)


_SMALL = {"Or", "To", "Of", "In", "By"}


def words(name: str) -> str:
    """Split a camelCase or PascalCase name into words as editors show it: ``Append to Array``."""
    found: list[str] = []
    for character in name:
        if not found or character.isupper():
            found.append(character.upper() if not found else character)
        else:
            found[-1] += character
    return " ".join(w.lower() if i and w in _SMALL else w for i, w in enumerate(found))


def python_name(name: str) -> str:
    """Give the Python parameter of a pin or property: snake_case, ``_`` after what is taken."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return f"{snake}_" if snake in _TAKEN else snake


_TAKEN = frozenset(keyword.kwlist) | frozenset(dir(builtins))
