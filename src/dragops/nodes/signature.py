"""Reads the notation in which a node is declared, which is that of the catalogue's pages.

``Add pure (a: Float!, b: Float!) -> (result: Float)``: an id, perhaps a label in quotes, the kind,
inputs, ``[properties]``, outputs. ``!`` is required, ``?`` keeps null, ``= x`` is a default in
JSON, ``...x`` stands for dynamic pins, ``exec`` alone for ``exec: Exec``, ``Enum(Condition)`` for
the operators of conditions.
"""

import json
import re
from dataclasses import dataclass

from dragops.model.pin import PinType
from dragops.nodes.conditions import OPERATORS
from dragops.nodes.definition import Kind, Pin, Property, words

_SIGNATURE = re.compile(
    r'(?P<id>[A-Z]\w*)(?: "(?P<label>[^"]*)")? (?P<kind>pure|impure|event)'
    r" \((?P<inputs>.*?)\)(?: \[(?P<properties>.*)\])? -> \((?P<outputs>.*)\)"
)
_BETWEEN_PINS = re.compile(r", (?=(?:\.\.\.)?[a-z]\w*(?:: [A-Z]|, |$))")
_VALUES = ("input", "output")
"""Dynamic pins of values whose types the settings say; others without a type are exec pins."""
_PIN = re.compile(
    r"(?P<dynamic>\.\.\.)?(?P<name>\w+)"
    r"(?:: (?P<type>\w+)(?:\((?P<members>[^)]*)\))?(?P<mark>[!?]?)(?: = (?P<default>.+))?)?"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A declaration that has been read."""

    type: str
    label: str
    kind: Kind
    inputs: tuple[Pin, ...]
    outputs: tuple[Pin, ...]
    properties: tuple[Property, ...]


def read_signature(text: str) -> Signature:
    """Read one declaration; ValueError when it is not in the notation."""
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise ValueError(f"this declares no node: {text!r}")
    return Signature(
        type=found["id"],
        label=found["label"] or words(found["id"]),
        kind=Kind(found["kind"]),
        inputs=_pins(found["inputs"]),
        outputs=_pins(found["outputs"]),
        properties=tuple(
            Property(p.name, p.type, p.required, p.default, p.members)
            for p in _pins(found["properties"] or "")
        ),
    )


def _pins(text: str) -> tuple[Pin, ...]:
    return tuple(_pin(part) for part in _BETWEEN_PINS.split(text) if part)


def _pin(text: str) -> Pin:
    found = _PIN.fullmatch(text)
    if found is None:
        raise ValueError(f"this declares no pin: {text!r}")
    return Pin(
        name=found["name"],
        type=PinType(found["type"] or ("Any" if found["name"] in _VALUES else "Exec")),
        required=found["mark"] == "!",
        nullable=found["mark"] == "?" or found["type"] in {"Any", "Null"},
        default=json.loads(found["default"]) if found["default"] else None,
        members=_members(found["members"] or ""),
        dynamic=bool(found["dynamic"]),
    )


def _members(text: str) -> tuple[str, ...]:
    if text == "Condition":
        return OPERATORS
    return tuple(text.split("|")) if text else ()
