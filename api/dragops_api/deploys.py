"""Makes a pattern live: compiles it, writes a release, waits for the one that survives."""

import asyncio
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dragops.errors import Conflict, NotFound
from dragops.model.deployment import DeploymentSpec, PatternRef, Release, UpdatePolicy
from dragops.model.ids import id_of
from dragops.model.pattern import Pattern
from dragops.model.program import Program, Trigger
from dragops_api.auth import Ask
from dragops_api.changes import Change, Changes, Outcome
from dragops_api.definitions import compile_as_seen
from dragops_api.deployments import Deployments
from dragops_api.environments import Environments
from dragops_api.etags import check_if_match
from dragops_api.names import resource_name
from dragops_api.patterns import Patterns
from dragops_api.preview import Preview, preview_of
from dragops_api.schemas.deployments import DeployIn
from dragops_api.transitions import (
    Edit,
    both,
    chosen,
    define,
    deployment_name,
    has_settled,
    release,
    settle_in,
    unchanged,
)
from dragops_api.versions import Versions

Object = dict[str, Any]
Key = tuple[str, str]


class Deployed(NamedTuple):
    """A deploy: how it stands, and the triggers of what was compiled."""

    outcome: Outcome
    triggers: Sequence[Trigger]


class Deploys:
    """Deploys patterns, or says what a deploy would do."""

    def __init__(
        self,
        patterns: Patterns,
        environments: Environments,
        deployments: Deployments,
        versions: Versions,
        changes: Changes,
    ) -> None:
        self._patterns, self._environments, self._deployments = patterns, environments, deployments
        self._versions, self._changes = versions, changes
        self._in_flight = InFlight()

    async def deploy(
        self, ask: Ask, pattern_id: str, body: DeployIn, *, if_match: str | None, wait: int
    ) -> Deployed:
        """Compile a pattern and make it live; a pattern with faults changes nothing."""
        end, key = time.monotonic() + wait, (ask.workspace, resource_name("Pattern", pattern_id))
        with self._in_flight.one(key):
            pattern, terms, program = await self._compiled(ask, pattern_id, body, if_match)
            change = await self._release(ask, pattern, terms)
        outcome = await self._survivor(change, key, end)
        return Deployed(outcome, program.manifest.triggers)

    async def preview(
        self, ask: Ask, pattern_id: str, body: DeployIn, *, if_match: str | None
    ) -> Preview:
        """Say what a deploy would do, and do nothing."""
        pattern, _, program = await self._compiled(ask, pattern_id, body, if_match)
        found = await self._deployments.meant(ask.workspace, pattern.metadata.name)
        if found is None:
            await self._check_name(ask, pattern.metadata.name)
        live = await self._versions.live_program(found) if found else None
        now = datetime.now(UTC)
        return await asyncio.to_thread(
            preview_of, pattern, program, live=live, deployment=found, now=now
        )

    async def _compiled(
        self, ask: Ask, pattern_id: str, body: DeployIn, if_match: str | None
    ) -> tuple[Pattern, Edit, Program]:
        raw = await self._patterns.read(ask, pattern_id)
        check_if_match(raw, if_match)
        around = await self._around(ask, body)
        pattern, views = Pattern.of(raw), body.node_definitions
        name = pattern.metadata.name
        called = self._patterns.called(ask.workspace, pattern.spec)
        program = await asyncio.to_thread(
            compile_as_seen, pattern.spec, views, name=name, called=called
        )
        return pattern, both(define(program.manifest.declared()), around), program

    async def _around(self, ask: Ask, body: DeployIn) -> Edit:
        """Give what becomes of the deployment's Environment; a body without the key keeps it."""
        if "environment_id" not in body.model_fields_set:
            return unchanged
        wanted = body.environment_id
        return settle_in(None if wanted is None else await self._environments.usable(ask, wanted))

    async def _survivor(self, change: Change, key: Key, end: float) -> Outcome:
        """Wait for the release that survives, when others deploy the same pattern right now."""
        while True:
            left = max(0.0, end - time.monotonic())
            outcome = await self._changes.wait(change, has_settled, seconds=left)
            if not outcome.is_settled or not self._in_flight.is_busy(key):
                return outcome
            await self._in_flight.idle(key, seconds=max(0.0, end - time.monotonic()))
            if time.monotonic() >= end:
                return outcome

    async def _release(self, ask: Ask, pattern: Pattern, terms: Edit) -> Change:
        wanted = Release(
            id=secrets.token_hex(8),
            pattern_uid=pattern.metadata.uid,
            pattern_generation=pattern.metadata.generation,
        )
        edit = both(release(wanted), terms)
        workspace, ref = ask.workspace, pattern.metadata.name
        if found := await self._deployments.meant(workspace, ref):
            name = found["metadata"]["name"]
            return await self._changes.edit(workspace, name, edit, by=ask.caller)
        name, made = deployment_name(ref), _first(ref, wanted, terms)
        try:
            return await self._changes.create(workspace, name, made, by=ask.caller)
        except Conflict:
            # somebody else made it under the same name at the same time
            await self._check_name(ask, ref)
            return await self._changes.edit(workspace, name, edit, by=ask.caller)

    async def _check_name(self, ask: Ask, pattern: str) -> None:
        """Raise Conflict when the name that a deployment would get belongs to another pattern's."""
        name = deployment_name(pattern)
        try:
            there = await self._changes.read(ask.workspace, name)
        except NotFound:
            return
        if chosen(pattern, [there]) is None:
            other = id_of(there["spec"]["patternRef"]["name"])
            raise Conflict(f"Deployment {id_of(name)!r} belongs to pattern {other!r}")


def _first(pattern: str, wanted: Release, terms: Edit) -> Object:
    """Give the spec of a deployment that REST makes: only its releases go live."""
    spec = DeploymentSpec(
        pattern_ref=PatternRef(name=pattern), update_policy=UpdatePolicy.ON_RELEASE, release=wanted
    )
    made = {"spec": spec.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    terms(made)
    return made["spec"]


class InFlight:
    """Which deployments are being written in this process, by how many callers."""

    def __init__(self) -> None:
        self._counts: dict[Key, int] = {}
        self._changed = asyncio.Event()

    @contextmanager
    def one(self, key: Key) -> Iterator[None]:
        """Count a caller for as long as the block lasts."""
        self._counts[key] = self._counts.get(key, 0) + 1
        try:
            yield
        finally:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
            self._changed.set()
            self._changed = asyncio.Event()

    def is_busy(self, key: Key) -> bool:
        """Say whether anybody is writing."""
        return key in self._counts

    async def idle(self, key: Key, *, seconds: float) -> None:
        """Wait until nobody is writing, or the time is up."""
        try:
            async with asyncio.timeout(seconds):
                while self.is_busy(key):
                    await self._changed.wait()
        except TimeoutError:
            return
