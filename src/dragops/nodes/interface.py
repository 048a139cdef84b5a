"""What a callable pattern takes and gives: the field lists of On Pattern Call.

The engine converts a call's parameters by it; what a caller expects is compared with it.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dragops.errors import RunFailure
from dragops.model.pin import PinType, may_connect
from dragops.nodes.convert import CONVERSIONS
from dragops.nodes.definition import Settings
from dragops.nodes.fields import Field, read_fields

_WITHOUT_ZERO: Final = {PinType.DATETIME, PinType.BINARY}

Types = Mapping[str, PinType]
"""Names of parameters or outputs, with their types."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A callable pattern seen from its callers."""

    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]

    def event_of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Convert parameters, with defaults for those that are not given; raises RunFailure."""
        return {field.name: _parameter(field, given) for field in self.inputs}

    def event_in_json(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Do the same with parameters in JSON, where Binary is base64."""
        binary = {field.name for field in self.inputs if field.type is PinType.BINARY}
        return self.event_of(
            {name: bytes_in_json(v, name) if name in binary else v for name, v in given.items()}
        )

    def unknown(self, given: Iterable[str]) -> str | None:
        """Say of the first parameter that there is not that it is none."""
        there = {field.name: field.type for field in self.inputs}
        wrong = (_otherwise("parameter", name, PinType.ANY, there) for name in given)
        return next(filter(None, wrong), None)

    def mismatches(self, takes: Types, gives: Types) -> Iterator[str]:
        """Say what is otherwise than a caller thinks, who passes ``takes`` and reads ``gives``."""
        inputs = {field.name: field.type for field in self.inputs}
        outputs = {field.name: field.type for field in self.outputs}
        for name, type_ in takes.items():
            if (wrong := _otherwise("parameter", name, type_, inputs)) is not None:
                yield wrong
        for field in self.inputs:
            if field.required and field.name not in takes:
                yield f"it wants the parameter {field.name}"
        for name, type_ in gives.items():
            if (wrong := _otherwise("output", name, type_, outputs)) is not None:
                yield wrong


def _otherwise(kind: str, name: str, type_: PinType, there: Types) -> str | None:
    if name not in there:
        return f"it has no {kind} {name}: it has {', '.join(there) or 'none'}"
    if not may_connect(type_, there[name]):
        return f"its {kind} {name} is {there[name].value}, not {type_.value}"
    return None


def interface_of(settings: Settings) -> Interface:
    """Read the settings of On Pattern Call."""
    return Interface(read_fields(settings["inputs"]), read_fields(settings["outputs"]))


def checked_fields(*taken: str, are_read: bool = False) -> Callable[[list[Any]], list[Any]]:
    """Give the check of a field list of pattern calls.

    ``taken`` names are no fields. What is only read is neither required nor has a default.
    """

    def check(value: list[Any]) -> list[Any]:
        for given, field in zip(value, read_fields(value, taken=taken), strict=True):
            if field.key != field.name:
                raise ValueError(f"the field {field.name} needs no key: leave it out")
            has_default = isinstance(given, dict) and given.get("default") is not None
            if are_read and (field.required or has_default):
                raise ValueError(f"the output {field.name} is neither required nor has a default")
        return value

    return check


def bytes_in_json(value: Any, name: str) -> Any:
    """Read a Binary value of JSON; raises RunFailure."""
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else value
    except binascii.Error:
        raise RunFailure("ConversionError", f"pin {name}: this is no base64") from None


def _parameter(field: Field, given: Mapping[str, Any]) -> Any:
    if field.name not in given:
        if field.required:
            raise RunFailure("CallError", f"the parameter {field.name} is missing")
        return field.default
    value = given[field.name]
    if value is None and field.type in _WITHOUT_ZERO and not field.required:
        return field.default
    return CONVERSIONS[field.type](value, field.name)
