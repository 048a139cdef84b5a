"""Turns whatever goes wrong in a request into the one shape of failures, never into a trace."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dragops.errors import DragopsError
from dragops_api.errors import Failure, failure_of

_DETAILS_MAX = 100
_log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Let the app answer every error with the envelope."""
    app.add_exception_handler(DragopsError, _of_the_domain)
    app.add_exception_handler(RequestValidationError, _of_a_shape)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(Exception, _unforeseen)


async def _of_the_domain(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, DragopsError)  # noqa: S101  # registered for this class only
    failure = failure_of(exc)
    if failure.status >= 500:
        _log.warning("call_failed", code=failure.code, error=str(exc))
    return _answer(failure)


async def _of_a_shape(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)  # noqa: S101  # registered for this class only
    details = [_detail(error) for error in exc.errors()[:_DETAILS_MAX]]
    told = "; ".join(_sentence(detail) for detail in details[:3])
    return _answer(Failure(400, "VALIDATION", told, details))


async def _of_routing(_: Request, exc: Exception) -> JSONResponse:
    # a path with another method is no route either: the API has no word of its own for it
    return _answer(Failure(404, "NOT_FOUND", "There is no such route"))


async def _unforeseen(_: Request, exc: Exception) -> JSONResponse:
    _log.error("unforeseen", exc_info=exc)
    return _answer(Failure(500, "INTERNAL", "Something went wrong here; the log has the details"))


def _answer(failure: Failure) -> JSONResponse:
    return JSONResponse(failure.body, status_code=failure.status, headers=failure.headers)


def _detail(error: Mapping[str, Any]) -> dict[str, str]:
    place: Sequence[Any] = error["loc"]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        message = f"{place[-1]} is required"
    elif error["type"] == "extra_forbidden":
        message = f"{place[-1]} is not a field of this body"
    # of a parameter nobody needs to know which of several types it did not fit
    told = place if place[0] == "body" else place[:2]
    return {"path": ".".join(str(part) for part in told), "message": message}


def _sentence(detail: Mapping[str, str]) -> str:
    if detail["message"].startswith(detail["path"].rpartition(".")[2] + " "):
        return detail["message"]
    return f"{detail['path']}: {detail['message']}"
