"""Deployments: found, listed, turned and taken away for REST callers; ``deploys`` makes them."""

from datetime import UTC, datetime
from typing import Any

from dragops.cluster.client import CONFIG_MAPS, Cluster
from dragops.errors import Conflict, NotFound
from dragops_api.auth import Ask
from dragops_api.changes import Change, Changes, Outcome
from dragops_api.endpoints import is_child
from dragops_api.engines import Engines
from dragops_api.etags import check_if_match
from dragops_api.moments import created_at
from dragops_api.names import resource_name
from dragops_api.patterns import Patterns
from dragops_api.purges import Purges
from dragops_api.schedules import checked, has_followed, meant_node, next_runs, reschedule
from dragops_api.schemas.schedules import ScheduleIn
from dragops_api.transitions import (
    Edit,
    Until,
    chosen,
    deployment_name,
    has_obeyed,
    only_if,
    status_word,
    undeploy,
)
from dragops_api.view import View

Object = dict[str, Any]
KIND = "PatternDeployment"
_DROP_SECONDS = 5.0


class Deployments:
    """The deployments of the workspaces."""

    def __init__(self, patterns: Patterns, view: View, changes: Changes) -> None:
        self._patterns, self._view, self._changes = patterns, view, changes

    async def get(self, ask: Ask, id_: str) -> Object:
        """Give one deployment; NotFound when it is not in the caller's workspace."""
        return await self._view.find(ask.workspace, resource_name(KIND, id_))

    def listed(self, ask: Ask, status: str | None) -> list[Object]:
        """List deployments, newest first."""
        found = self._view.values(ask.workspaces)
        wanted = [d for d in found if status in {None, status_word(d)}]
        return sorted(wanted, key=lambda d: (created_at(d), d["metadata"]["name"]), reverse=True)

    async def of_pattern(self, ask: Ask, pattern_id: str) -> Object:
        """Give the deployment that REST means by a pattern, which itself may be gone."""
        found = await self.meant(ask.workspace, resource_name("Pattern", pattern_id))
        if found is None:
            await self._patterns.get(ask, pattern_id)
            raise NotFound(KIND, deployment_name(resource_name("Pattern", pattern_id)))
        return found

    def version_of(self, pattern: Object) -> int | None:
        """Give the version of a pattern that is deployed; None for none, or for several."""
        metadata = pattern["metadata"]
        try:
            found = chosen(metadata["name"], self._view.values([metadata["namespace"]]))
        except Conflict:
            return None
        version: int | None = (found or {}).get("status", {}).get("versionNumber")
        return version

    async def undeploy(
        self, ask: Ask, pattern_id: str, *, if_match: str | None, wait: int
    ) -> Outcome:
        """Stop every trigger of a pattern; runs and ids stay."""
        found = await self.of_pattern(ask, pattern_id)
        name, edit = found["metadata"]["name"], only_if(if_match, undeploy)
        return await self.turn(ask, name, edit, wait=wait)

    async def turn(
        self, ask: Ask, id_: str, edit: Edit, *, wait: int, until: Until = has_obeyed
    ) -> Outcome:
        """Change a deployment and wait until the engines have obeyed."""
        name = resource_name(KIND, id_)
        change = await self._changes.edit(ask.workspace, name, edit, by=ask.caller)
        return await self._changes.wait(change, until, seconds=wait)

    async def reschedule(
        self, ask: Ask, id_: str, wanted: ScheduleIn, *, if_match: str | None, wait: int
    ) -> tuple[Outcome, list[str]]:
        """Change a schedule and wait until it is followed; give its next runs too."""
        rule = checked(wanted)
        edit = only_if(if_match, reschedule(wanted))
        outcome = await self.turn(ask, id_, edit, wait=wait, until=has_followed)
        node = meant_node(outcome.obj, wanted.node_id)
        return outcome, next_runs(rule, outcome.obj, node, datetime.now(UTC))

    async def meant(self, namespace: str, pattern: str) -> Object | None:
        """Give the deployment that REST means by a pattern's name; Conflict for several."""
        if found := chosen(pattern, self._view.values([namespace])):
            return found
        try:
            # kubectl may have made it a moment ago
            meant = await self._view.find(namespace, deployment_name(pattern))
        except NotFound:
            return None
        return chosen(pattern, [meant])


class Removal:
    """Takes a deployment away with everything that it has: children by GC, runs by the recorder."""

    def __init__(
        self, cluster: Cluster, changes: Changes, engines: Engines, purges: Purges
    ) -> None:
        self._cluster, self._changes = cluster, changes
        self._engines, self._purges = engines, purges

    async def delete(self, ask: Ask, id_: str, if_match: str | None) -> Change:
        """Delete a deployment; from now on nothing of it is found."""
        deployment = await self._changes.read(ask.workspace, resource_name(KIND, id_))
        check_if_match(deployment, if_match)
        await self._stop(deployment)
        change = await self._changes.delete(deployment)
        uid = deployment["metadata"]["uid"]
        await self._engines.until_dropped(ask.workspace, uid, seconds=_DROP_SECONDS)
        await self._purges.purge(ask.workspace, uid)
        return change

    async def _stop(self, deployment: Object) -> None:
        """Delete what engines serve by, first: no run may begin after the answer."""
        namespace = deployment["metadata"]["namespace"]
        name = f"{deployment['metadata']['name']}-live"
        try:
            live = await self._cluster.get(CONFIG_MAPS, namespace, name)
            if is_child(live, deployment):
                uid = live["metadata"]["uid"]
                await self._cluster.delete(CONFIG_MAPS, namespace, name, uid=uid)
        except (NotFound, Conflict):
            return  # gone already, or made anew and about to go with its owner
