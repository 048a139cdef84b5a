"""Opens streams of runs: who may hear of which, and for how long."""

from starlette.datastructures import Headers

from dragops.errors import NotFound, Refused
from dragops_api.auth import Ask, Gate
from dragops_api.callers import Callers
from dragops_api.deployments import KIND, Deployments
from dragops_api.event_stream import EventStream, told
from dragops_api.listeners import Listener
from dragops_api.run_news import RunNews

_ROUTE = "stream_runs"


class Streams:
    """The streams of one API process."""

    def __init__(
        self, callers: Callers, gate: Gate, deployments: Deployments, news: RunNews
    ) -> None:
        self._callers, self._gate = callers, gate
        self._deployments, self._news = deployments, news

    async def open(self, ask: Ask, headers: Headers, deployment_id: str | None) -> EventStream:
        """Let a caller listen to its workspaces, or to one deployment."""
        listener = await self._listener(ask, deployment_id)
        heard = await self._news.join(listener, headers.get("last-event-id"))

        async def check(listener: Listener) -> None:
            caller = await self._callers.of(headers)
            now = await self._gate.admit(_ROUTE, caller, headers, {})
            listener.workspaces &= frozenset(now.workspaces)
            if not listener.workspaces:
                raise Refused(f"{caller.username} may not listen there any more")

        texts = told(listener, heard, check)
        return EventStream(texts, lambda: self._news.leave(listener))

    async def _listener(self, ask: Ask, deployment_id: str | None) -> Listener:
        if deployment_id is None:
            return Listener(ask.workspaces)
        if ask.workspace not in ask.workspaces:
            # the caller may listen, but elsewhere
            raise NotFound(KIND, deployment_id)
        deployment = await self._deployments.get(ask, deployment_id)
        return Listener([ask.workspace], deployment["metadata"]["uid"])
