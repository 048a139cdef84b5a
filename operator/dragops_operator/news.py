"""Tells people what happened, as Events on the deployment; nothing depends on them."""

import structlog

from dragops.cluster.client import EVENTS, Cluster
from dragops.errors import Conflict, DragopsError
from dragops.model.deployment import DeploymentStatus, PatternDeployment
from dragops.model.run import now_iso
from dragops_operator.reconcile.changes import news_between
from dragops_operator.resources.event import event

_log = structlog.get_logger(__name__)


class Newsroom:
    """Posts Events."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def tell(self, deployment: PatternDeployment, status: DeploymentStatus) -> None:
        """Tell what the new status means; the same thing told twice is one Event."""
        owner = deployment.metadata
        for told in news_between(deployment.status, status):
            body = event(owner, told, now=now_iso())
            try:
                await self._cluster.create(EVENTS, owner.namespace, body)
            except Conflict:
                continue
            except DragopsError as exc:
                _log.warning("event_not_posted", reason=told.reason, error=str(exc))
