"""The errors of the domain, one tree.

DragopsError
├── AuthorMustAct              somebody has to change something first
│   ├── PatternError           the graph does not compile; carries every fault
│   ├── BadInput               a value from outside is not what it must be
│   ├── NotFound               the thing that was named is not there
│   ├── Refused                the caller may not, or something is not signed as it must be
│   └── Rejected               the API server turned an object down (schema, CEL rule, quota)
├── TryAgain                   the same call may work later
│   ├── Conflict               somebody else wrote first
│   ├── Expired                the API server has forgotten what a watch asks for: list again
│   ├── Unreachable            API server, recorder or engine did not answer
│   └── Overloaded             a bounded queue is full
└── RunFailure                 a run failed in a node; typed, and data for Try / Catch

RunStopped stands beside the tree, as no program may catch it: deadline, step limit, Stop Run.

Each shell has one table from these classes to its own language: HTTP statuses in the API, how
soon to retry in the operator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class DragopsError(Exception):
    """Anything that DragOps itself raises on purpose."""


class AuthorMustAct(DragopsError):
    """Trying again changes nothing: somebody has to change the input."""


class TryAgain(DragopsError):
    """The same call may work later."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a pattern; ``message`` names the node and says what to do."""

    node_id: str | None
    code: str
    message: str
    pin: str | None = None
    wire: str | None = None
    variable: str | None = None
    """The name of the variable that it is about; the API's message says it."""

    def as_json(self) -> dict[str, str]:
        """Give the fault with the keys of the API, unset ones left out."""
        keys = {
            "nodeId": self.node_id,
            "pin": self.pin,
            "wire": self.wire,
            "code": self.code,
            "message": self.message,
        }
        return {key: value for key, value in keys.items() if value is not None}


class PatternError(AuthorMustAct):
    """A pattern does not compile; ``faults`` holds everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


class BadInput(AuthorMustAct):
    """A value from outside is wrong; ``path`` says which (``body.limits.timeoutSeconds``)."""

    def __init__(self, path: str, message: str) -> None:
        self.path, self.message = path, message
        super().__init__(f"{path}: {message}" if path else message)


class NotFound(AuthorMustAct):
    """The ``kind`` called ``name`` is not there; ``hint`` says what may be meant."""

    def __init__(self, kind: str, name: str, hint: str = "") -> None:
        self.kind, self.name, self.hint = kind, name, hint
        super().__init__(f"{kind} {name!r} does not exist")


class Refused(AuthorMustAct):
    """Something is not allowed, or not signed by who must have signed it."""


class Rejected(AuthorMustAct):
    """The API server turned an object down; the message is its own."""


class Conflict(TryAgain):
    """Somebody else wrote the object first."""


class Expired(TryAgain):
    """The API server no longer has the history that was asked for."""


class Unreachable(TryAgain):
    """``what`` did not answer: the API server, the recorder, an engine, the run store."""

    def __init__(self, what: str, detail: str = "") -> None:
        self.what, self.detail = what, detail
        super().__init__(f"{what} cannot be reached" + (f": {detail}" if detail else ""))


class Overloaded(TryAgain):
    """A bounded queue is full; the sender should slow down."""


FAILURE_TYPES = (
    "ConversionError",
    "MathError",
    "KeyError",
    "ParseError",
    "HttpError",
    "TimeoutError",
    "LimitError",
    "CallError",
    "ThrownError",
    "InternalError",  # a node's own mistake; only the engine says so
)


class RunFailure(DragopsError):
    """A node failed in a run.

    ``type`` is one of ``FAILURE_TYPES``. The engine adds the node, from the line map.
    """

    def __init__(self, type_: str, message: str, data: Any = None) -> None:
        self.type, self.message, self.data = type_, message, data
        super().__init__(f"{type_}: {message}")


class RunStopped(BaseException):
    """A run ends now, whatever Try / Catch stands around it; ``status`` is how it ends."""

    def __init__(self, status: str, type_: str, message: str) -> None:
        self.status, self.type, self.message = status, type_, message
        super().__init__(message)
