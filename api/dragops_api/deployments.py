"""Deployments: found, listed, made live and taken away for REST callers."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dragops.cluster.client import CONFIG_MAPS, Cluster
from dragops.errors import Conflict, NotFound
from dragops.model.deployment import DeploymentSpec, PatternRef, Release, UpdatePolicy
from dragops.model.ids import id_of
from dragops.model.pattern import Pattern
from dragops.model.program import Trigger
from dragops_api.auth import Ask
from dragops_api.changes import Change, Changes, Outcome
from dragops_api.definitions import compile_as_seen
from dragops_api.endpoints import is_child
from dragops_api.engines import Engines
from dragops_api.environments import Environments
from dragops_api.moments import created_at
from dragops_api.names import resource_name
from dragops_api.patterns import Patterns
from dragops_api.purges import Purges
from dragops_api.schedules import checked, has_followed, meant_node, next_runs, reschedule
from dragops_api.schemas.deployments import DeployIn
from dragops_api.schemas.schedules import ScheduleIn
from dragops_api.transitions import (
    Edit,
    Until,
    both,
    chosen,
    deployment_name,
    has_obeyed,
    has_settled,
    release,
    settle_in,
    status_word,
    undeploy,
)
from dragops_api.view import View

Object = dict[str, Any]
KIND = "PatternDeployment"
_DROP_SECONDS = 5.0


class Deployed(NamedTuple):
    """A deploy: how it stands, and the triggers of what was compiled."""

    outcome: Outcome
    triggers: Sequence[Trigger]


class Deployments:
    """The deployments of the workspaces."""

    def __init__(
        self, patterns: Patterns, environments: Environments, view: View, changes: Changes
    ) -> None:
        self._patterns, self._environments = patterns, environments
        self._view, self._changes = view, changes

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
        found = await self._find(ask.workspace, resource_name("Pattern", pattern_id))
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

    async def deploy(self, ask: Ask, pattern_id: str, body: DeployIn, *, wait: int) -> Deployed:
        """Compile a pattern and make it live; a pattern with faults changes nothing."""
        pattern = Pattern.of(await self._patterns.read(ask, pattern_id))
        around = await self._around(ask, body)
        name = pattern.metadata.name
        views = body.node_definitions
        program = await asyncio.to_thread(compile_as_seen, pattern.spec, views, name=name)
        change = await self._release(ask, pattern, around)
        outcome = await self._changes.wait(change, has_settled, seconds=wait)
        return Deployed(outcome, program.manifest.triggers)

    async def undeploy(self, ask: Ask, pattern_id: str, *, wait: int) -> Outcome:
        """Stop every trigger of a pattern; runs and ids stay."""
        found = await self.of_pattern(ask, pattern_id)
        return await self.turn(ask, found["metadata"]["name"], undeploy, wait=wait)

    async def turn(
        self, ask: Ask, id_: str, edit: Edit, *, wait: int, until: Until = has_obeyed
    ) -> Outcome:
        """Change a deployment and wait until the engines have obeyed."""
        name = resource_name(KIND, id_)
        change = await self._changes.edit(ask.workspace, name, edit, by=ask.caller)
        return await self._changes.wait(change, until, seconds=wait)

    async def reschedule(
        self, ask: Ask, id_: str, wanted: ScheduleIn, *, wait: int
    ) -> tuple[Outcome, list[str]]:
        """Change a schedule and wait until it is followed; give its next runs too."""
        rule = checked(wanted)
        edit = reschedule(wanted, rule)
        outcome = await self.turn(ask, id_, edit, wait=wait, until=has_followed)
        node = meant_node(outcome.obj, wanted.node_id)
        return outcome, next_runs(rule, outcome.obj, node, datetime.now(UTC))

    async def _find(self, namespace: str, pattern: str) -> Object | None:
        if found := chosen(pattern, self._view.values([namespace])):
            return found
        try:
            # kubectl may have made it a moment ago
            meant = await self._view.find(namespace, deployment_name(pattern))
        except NotFound:
            return None
        return chosen(pattern, [meant])

    async def _around(self, ask: Ask, body: DeployIn) -> Edit | None:
        """Give what becomes of the deployment's Environment; a body without the key keeps it."""
        if "environment_id" not in body.model_fields_set:
            return None
        wanted = body.environment_id
        return settle_in(None if wanted is None else await self._environments.usable(ask, wanted))

    async def _release(self, ask: Ask, pattern: Pattern, around: Edit | None) -> Change:
        wanted = Release(
            id=secrets.token_hex(8),
            pattern_uid=pattern.metadata.uid,
            pattern_generation=pattern.metadata.generation,
        )
        edit = both(release(wanted), around) if around else release(wanted)
        if found := await self._find(ask.workspace, pattern.metadata.name):
            return await self._changes.edit(
                ask.workspace, found["metadata"]["name"], edit, by=ask.caller
            )
        name = deployment_name(pattern.metadata.name)
        spec = DeploymentSpec(
            pattern_ref=PatternRef(name=pattern.metadata.name),
            update_policy=UpdatePolicy.ON_RELEASE,
            release=wanted,
        )
        made = {"spec": spec.model_dump(mode="json", by_alias=True, exclude_unset=True)}
        if around:
            around(made)
        try:
            return await self._changes.create(ask.workspace, name, made["spec"], by=ask.caller)
        except Conflict:
            return await self._take_up(ask, name, pattern.metadata.name, edit)

    async def _take_up(self, ask: Ask, name: str, pattern: str, edit: Edit) -> Change:
        """Release what somebody else made under the same name at the same time."""
        there = await self._changes.read(ask.workspace, name)
        if chosen(pattern, [there]) is None:
            other = id_of(there["spec"]["patternRef"]["name"])
            raise Conflict(f"Deployment {id_of(name)!r} belongs to pattern {other!r}")
        return await self._changes.edit(ask.workspace, name, edit, by=ask.caller)


class Removal:
    """Takes a deployment away with everything that it has: children by GC, runs by the recorder."""

    def __init__(
        self, cluster: Cluster, changes: Changes, engines: Engines, purges: Purges
    ) -> None:
        self._cluster, self._changes = cluster, changes
        self._engines, self._purges = engines, purges

    async def delete(self, ask: Ask, id_: str) -> None:
        """Delete a deployment; from now on nothing of it is found."""
        deployment = await self._changes.read(ask.workspace, resource_name(KIND, id_))
        await self._stop(deployment)
        await self._changes.delete(deployment)
        uid = deployment["metadata"]["uid"]
        await self._engines.until_dropped(ask.workspace, uid, seconds=_DROP_SECONDS)
        await self._purges.purge(ask.workspace, uid)

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
