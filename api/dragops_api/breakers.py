"""Shows in the cluster which circuit breakers have tripped: the recorder has no rights there.

The run store is asked again and again, so neither a restart nor a lost word matters. Next: the
operator obeys the annotation.
"""

import asyncio

import structlog
from sqlalchemy import Engine

from dragops.cluster.tokens import Caller
from dragops.errors import DragopsError
from dragops.history.breakers import BreakerTrip, stored_trips
from dragops_api.changes import Changes
from dragops_api.tripped import is_due, shown
from dragops_api.view import View

_LOG = structlog.get_logger(__name__)
_PAUSE_SECONDS = 2.0
_BREAKER = Caller("system:dragops:circuit-breaker")
"""Who has changed a deployment, where nobody asked for it."""


class Breakers:
    """Keeps the annotation of each deployment that has ever tripped in step with the store."""

    def __init__(self, store: Engine, view: View, changes: Changes) -> None:
        self._store, self._view, self._changes = store, view, changes
        self._is_blind = False

    async def run(self) -> None:
        """Look for ever; while the store or the cluster is away, engines obey the recorder."""
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                await self.look()
                self._is_blind = False
            except DragopsError as exc:
                if not self._is_blind:
                    _LOG.warning("breakers_unknown", error=str(exc))
                self._is_blind = True

    async def look(self) -> None:
        """Show what has tripped, once."""
        for trip in await asyncio.to_thread(stored_trips, self._store):
            deployment = self._view.get(trip.workspace, trip.deployment)
            if deployment is not None and is_due(deployment, trip):
                await self._show(trip)

    async def _show(self, trip: BreakerTrip) -> None:
        place = {"workspace": trip.workspace, "deployment": trip.deployment}
        try:
            await self._changes.edit(trip.workspace, trip.deployment, shown(trip), by=_BREAKER)
        except DragopsError as exc:
            _LOG.warning("breaker_not_shown", **place, error=str(exc))
        else:
            _LOG.info("breaker_shown", **place)
