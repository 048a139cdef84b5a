"""A route that lets nobody in unasked, and reads nothing that it will not take."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from typing_extensions import override

from dragops_api.auth import PUBLIC, RIGHTS
from dragops_api.bodies import with_body
from dragops_api.parts import Parts
from dragops_api.queries import check_query, known_parameters


class GuardedRoute(APIRoute):
    """Asks the gate first, then reads query and body, then lets FastAPI parse the rest."""

    takes_yaml = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if self.name not in RIGHTS and self.name not in PUBLIC:
            raise LookupError(f"route {self.name!r} has no entry in dragops_api.auth.RIGHTS")

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler of a call."""
        handle, name = super().get_route_handler(), self.name
        known, shape = known_parameters(self.dependant), self._shape()
        takes_yaml = self.takes_yaml
        if name in PUBLIC:
            return handle

        async def guarded(request: Request) -> Response:
            parts: Parts = request.app.state.parts
            await _admit(parts, name, request)
            check_query(request.query_params, known)
            if shape:
                limit = parts.settings.body_bytes
                request = await with_body(request, shape, limit, takes_yaml=takes_yaml)
            return await handle(request)

        return guarded

    def _shape(self) -> TypeAdapter[Any] | None:
        annotation: Any = self.body_field and self.body_field.field_info.annotation
        return TypeAdapter(annotation) if annotation else None


async def _admit(parts: Parts, name: str, request: Request) -> None:
    state = request.state
    # the access log names caller and workspace also where the gate refuses
    state.caller = await parts.callers.of(request.headers)
    state.workspace = parts.gate.workspace_of(state.caller, request.headers)
    state.ask = await parts.gate.admit(name, state.caller, request.headers, request.path_params)


class YamlRoute(GuardedRoute):
    """Takes YAML beside JSON, as kubectl does."""

    takes_yaml = True
