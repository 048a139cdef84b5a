"""The twelve pin types, and which output may be wired to which input (patterns: types)."""

from enum import StrEnum


class PinType(StrEnum):
    """What flows through a pin."""

    EXEC = "Exec"
    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    BOOLEAN = "Boolean"
    OBJECT = "Object"
    ARRAY = "Array"
    DATETIME = "DateTime"
    BINARY = "Binary"
    ANY = "Any"
    NULL = "Null"
    ENUM = "Enum"

    @classmethod
    def read(cls, text: str) -> "PinType":
        """Read a type in any case; ``number`` is Float."""
        wanted = "float" if text.lower() == "number" else text.lower()
        return next(member for member in cls if member.value.lower() == wanted)


_SCALARS = {PinType.INTEGER, PinType.FLOAT, PinType.STRING, PinType.BOOLEAN}
_OPEN = {PinType.ANY, PinType.NULL}
_TIMES = {PinType.STRING, PinType.DATETIME}


def may_connect(output: PinType, input_: PinType) -> bool:
    """Say whether a wire from ``output`` to ``input_`` is allowed; Enum behaves as String."""
    source, target = (PinType.STRING if t is PinType.ENUM else t for t in (output, input_))
    if source is target:
        return True
    if PinType.EXEC in (source, target):
        return False
    pair = {source, target}
    return bool(pair & _OPEN) or pair <= _SCALARS or pair == _TIMES
