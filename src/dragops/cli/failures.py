"""What each failure is on the command line: one sentence, where, what to do, and an exit code.

The codes are a promise to scripts; ``docs/cli.md`` and ``dragops --help`` show this table.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from typing_extensions import override

from dragops.errors import (
    AuthorMustAct,
    BadInput,
    Conflict,
    DragopsError,
    NotFound,
    Overloaded,
    Refused,
    Rejected,
    TryAgain,
    Unreachable,
)


class Exit(IntEnum):
    """How the command ends."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    AWAY = 5
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "it is done",
    Exit.FAILED: "a run failed, faults were found, or the API refused",
    Exit.USAGE: "the command line, a file or a setting is wrong",
    Exit.NOT_FOUND: "what was named is not there",
    Exit.NOT_ALLOWED: "no token, a bad or expired one, or a right is missing",
    Exit.AWAY: "no answer, no proper answer, a 5xx, or not done in time",
    Exit.INTERRUPTED: "interrupted by Ctrl-C; what the API was asked for goes on",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as a person would name it."""

    method: str
    url: str
    workspace: str | None = None

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.url}" + (
            f", workspace {self.workspace}" if self.workspace else ""
        )


class CallRefused(AuthorMustAct):
    """The API answered with an error; ``details`` are its faults or paths."""

    def __init__(self, call: Call, status: int, error: dict[str, Any], request_id: str) -> None:
        self.call, self.status, self.request_id = call, status, request_id
        self.code = str(error.get("code", ""))
        self.message = str(error.get("message", "")) or f"the API answered {status}"
        details = error.get("details")
        self.details = [d for d in details if isinstance(d, dict)] if details else []
        super().__init__(self.message)


class NoAnswer(TryAgain):
    """Nothing came back, or something that no DragOps API says."""

    def __init__(self, call: Call, message: str, hint: str) -> None:
        self.call, self.hint = call, hint
        super().__init__(message)


class Missing(NotFound):
    """What somebody has named is not there; ``hint`` says where to look."""

    def __init__(self, kind: str, name: str, hint: str) -> None:
        super().__init__(kind, name, hint)


class OutOfTime(TryAgain):
    """What was asked for goes on by itself, but not within the time given."""


class Undone(AuthorMustAct):
    """What was asked for has been tried, and has failed."""


class NotLoggedIn(AuthorMustAct):
    """There is no address, no token, or no good one."""


EXITS: dict[type[DragopsError], Exit] = {
    BadInput: Exit.USAGE,
    NotFound: Exit.NOT_FOUND,
    NotLoggedIn: Exit.NOT_ALLOWED,
    Refused: Exit.NOT_ALLOWED,
    Rejected: Exit.FAILED,
    Conflict: Exit.FAILED,
    NoAnswer: Exit.AWAY,
    OutOfTime: Exit.AWAY,
    Overloaded: Exit.AWAY,
    Unreachable: Exit.AWAY,
    DragopsError: Exit.FAILED,
}
_BY_STATUS = {401: Exit.NOT_ALLOWED, 403: Exit.NOT_ALLOWED, 404: Exit.NOT_FOUND}
_AGAIN = {408, 429}

HINTS = {
    "VALIDATION": "correct what is named and repeat",
    "PAUSED": "let it go on: dragops resume DEPLOYMENT",
    "ALREADY_PAUSED": "nothing to do; to let it go on: dragops resume DEPLOYMENT",
    "NOT_PAUSED": "nothing to do; to see its state: dragops deployments get DEPLOYMENT",
    "NO_SCHEDULE": "give the pattern an On Schedule node and deploy it again",
    "NOT_ACTIVE": "deploy its pattern: dragops deploy PATTERN",
    "UNAUTHENTICATED": "get a new token: dragops login; to see what is wrong: dragops doctor",
    "FORBIDDEN": "ask an administrator for a role such as dragops-operate or dragops-edit there",
    "PATTERN_NOT_FOUND": "see which there are: dragops patterns list",
    "DEPLOYMENT_NOT_FOUND": "see which there are: dragops deployments list --all-workspaces",
    "ENDPOINT_NOT_FOUND": "see which there are: dragops webhook list DEPLOYMENT",
    "ENVIRONMENT_NOT_FOUND": "see which there are: dragops env list",
    "RUN_NOT_FOUND": "see which there are: dragops runs list DEPLOYMENT",
    "NOT_FOUND": "check the name; dragops whoami says in which workspace you are",
    "CONFLICT": "clear what stands in the way, or repeat if somebody else was faster",
    "TOO_LARGE": "make it smaller",
    "UNSUPPORTED_MEDIA_TYPE": "something between here and the API changes what is sent: a proxy?",
    "COMPILATION_FAILED": "mend the nodes that are named, then repeat",
    "RATE_LIMITED": "wait a moment, then repeat",
    "ENGINE_UNAVAILABLE": "repeat in a moment; to see what is wrong: dragops doctor",
    "STORE_UNAVAILABLE": "repeat in a moment; to see what is wrong: dragops doctor",
    "CLUSTER_UNAVAILABLE": "repeat in a moment; to see what is wrong: dragops doctor",
    "ISSUER_UNAVAILABLE": "repeat in a moment; the issuer of the tokens does not answer",
    "TIMEOUT": "repeat with a longer --timeout",
}
"""By the API's error codes."""


def exit_of(exc: DragopsError) -> Exit:
    """Give the exit code; the nearest class in the table decides."""
    if isinstance(exc, CallRefused):
        if exc.status >= 500 or exc.status in _AGAIN:
            return Exit.AWAY
        return _BY_STATUS.get(exc.status, Exit.FAILED)
    return next(EXITS[cls] for cls in type(exc).__mro__ if cls in EXITS)


def hint_of(exc: DragopsError) -> str:
    """Say what to do, or nothing where the sentence says it."""
    match exc:
        case CallRefused(message="There is no such route"):
            return "this API is older than the command: upgrade the chart"
        case CallRefused(code=code):
            return HINTS.get(code, "")
        case NoAnswer(hint=hint) | Missing(hint=hint):
            return hint
        case _:
            return ""
