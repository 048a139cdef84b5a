"""What each error of the domain is in HTTP: one table, and the one shape of every failure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from dragops.errors import (
    AuthorMustAct,
    BadInput,
    Conflict,
    DragopsError,
    NotFound,
    Overloaded,
    PatternError,
    Refused,
    Rejected,
    TryAgain,
    Unreachable,
)
from dragops.model.ids import id_of
from dragops.model.run import now_iso

RETRY_SECONDS = 2


class Unauthenticated(AuthorMustAct):
    """No token, or one that is good for nothing here."""


class TooLarge(AuthorMustAct):
    """A body, or a pattern, is larger than what is kept."""


class UnsupportedMediaType(AuthorMustAct):
    """The body says that it is no JSON."""


class RateLimited(TryAgain):
    """There are as many of these as one process serves."""


class NotPossible(AuthorMustAct):
    """The deployment's state does not allow the call; ``code`` says which state that is."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class NotLive(TryAgain):
    """No engine has the deployment: it waits for something, or is on its way."""


class NotKept(AuthorMustAct):
    """A version that never was, or whose program is not kept any more."""

    def __init__(self, version: int, kept: Iterable[int]) -> None:
        listed = ", ".join(map(str, kept))
        super().__init__(f"Version {version} is not kept; kept: {listed or 'none'}")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in the API's language."""

    status: int
    code: str
    message: str
    details: list[dict[str, Any]] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        """Give the JSON body."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return {"success": False, "error": error, "timestamp": now_iso()}

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers that go with the status."""
        if self.status == HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": "Bearer"}
        if self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            return {"Retry-After": str(RETRY_SECONDS)}
        return {}


STATUSES: dict[type[DragopsError], tuple[int, str]] = {
    BadInput: (400, "VALIDATION"),
    Rejected: (400, "VALIDATION"),
    NotPossible: (400, "NOT_ACTIVE"),
    Unauthenticated: (401, "UNAUTHENTICATED"),
    Refused: (403, "FORBIDDEN"),
    NotFound: (404, "NOT_FOUND"),
    NotKept: (404, "NOT_FOUND"),
    Conflict: (409, "CONFLICT"),
    TooLarge: (413, "TOO_LARGE"),
    UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    PatternError: (422, "COMPILATION_FAILED"),
    RateLimited: (429, "RATE_LIMITED"),
    Overloaded: (503, "ENGINE_UNAVAILABLE"),
    NotLive: (503, "ENGINE_UNAVAILABLE"),
    Unreachable: (503, "CLUSTER_UNAVAILABLE"),
    DragopsError: (500, "INTERNAL"),
}
_MISSING = {
    "pattern": "PATTERN_NOT_FOUND",
    "patterndeployment": "DEPLOYMENT_NOT_FOUND",
    "environment": "ENVIRONMENT_NOT_FOUND",
    "endpoint": "ENDPOINT_NOT_FOUND",
    "run": "RUN_NOT_FOUND",
}
_KIND_WORDS = {"PatternDeployment": "Deployment"}
_AWAY = {
    "the engine": "ENGINE_UNAVAILABLE",
    "the recorder": "STORE_UNAVAILABLE",
    "the run store": "STORE_UNAVAILABLE",
    "the token's issuer": "ISSUER_UNAVAILABLE",
}


def failure_of(exc: DragopsError) -> Failure:
    """Say in HTTP what has happened; the nearest class in the table decides."""
    status, code = next(STATUSES[cls] for cls in type(exc).__mro__ if cls in STATUSES)
    match exc:
        case PatternError(faults=faults):
            told = f"The pattern does not compile: {_count(len(faults))}."
            return Failure(status, code, told, [fault.as_json() for fault in faults])
        case BadInput(path=path, message=message):
            return Failure(status, code, str(exc), [{"path": path, "message": message}])
        case NotPossible(code=own):
            return Failure(status, own, str(exc))
        case NotFound(kind=kind, name=name, hint=hint):
            # callers know ids, not the names of resources
            told = f"{_KIND_WORDS.get(kind, kind.capitalize())} {id_of(name)!r} does not exist"
            told += hint and f": {hint}"
            return Failure(status, _MISSING.get(kind.lower(), code), told)
        case Unreachable(what=what):
            # the detail names addresses and is for the log only
            return Failure(status, _AWAY.get(what, code), f"{what} cannot be reached")
        case _:
            return Failure(status, code, str(exc) or code)


def _count(number: int) -> str:
    return "1 fault" if number == 1 else f"{number} faults"
