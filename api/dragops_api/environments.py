"""Environments: found, listed and written for REST callers; secret values only ever go in.

The values are in a Secret that the Environment owns, made here. Next: ``dragops_api.granted``, as
the right to change that Secret is given by the operator, by name.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dragops.cluster.client import ENVIRONMENTS, SECRETS, Cluster
from dragops.errors import Conflict, DragopsError, NotFound
from dragops.model.bundle import ENVIRONMENT_LABEL
from dragops.model.condition import is_true
from dragops.model.environment import Environment
from dragops.model.ids import id_of, new_name
from dragops_api.auth import Ask, Gate, Right
from dragops_api.changes import Changes, How, Outcome
from dragops_api.etags import check_match, etag
from dragops_api.granted import granted
from dragops_api.moments import created_at
from dragops_api.names import resource_name
from dragops_api.schemas.environments import EnvironmentIn
from dragops_api.transitions import Question
from dragops_api.view import View

Object = dict[str, Any]
KIND = "Environment"
SECRET_VERSION = "dragops.dev/secret-version"  # noqa: S105  # an annotation's name
"""Says which state of the Secret was written here; the change of it tells the operator to look."""
USE = Right("get", "environments")
"""Needed beside a deploy's own rights: what is deployed can read the secrets."""


class Kept(NamedTuple):
    """A Secret that was written."""

    name: str
    version: str


class Environments:
    """The Environments of the workspaces."""

    def __init__(self, cluster: Cluster, view: View, gate: Gate, users: View) -> None:
        self._cluster, self._view, self._gate, self._users = cluster, view, gate, users
        self._changes = Changes(cluster, ENVIRONMENTS, view)

    async def get(self, ask: Ask, id_: str) -> Object:
        """Give one Environment; NotFound when it is not in the caller's workspace."""
        return await self._view.find(ask.workspace, resource_name(KIND, id_))

    def listed(self, ask: Ask) -> list[Object]:
        """List Environments of the caller's workspace, newest first."""
        found = self._view.values(ask.workspaces)
        return sorted(found, key=lambda e: (created_at(e), e["metadata"]["name"]), reverse=True)

    async def usable(self, ask: Ask, id_: str) -> str:
        """Give the name of an Environment that the caller may deploy to."""
        name = resource_name(KIND, id_)
        await self._gate.demand(ask, USE, name)
        await self._view.find(ask.workspace, name)
        return name

    async def create(self, ask: Ask, body: EnvironmentIn, *, wait: int) -> Outcome:
        """Store a new Environment under a made name, and its secrets; all of it or nothing."""
        spec = {"title": body.name, "variables": body.variables}
        change = await self._changes.create(ask.workspace, new_name("env"), spec, by=ask.caller)
        try:
            kept = await self._keep(change.obj, body.secrets)
        except DragopsError:
            await self._changes.delete(change.obj)
            raise
        if kept:
            name = change.obj["metadata"]["name"]
            change = await self._changes.edit(
                ask.workspace, name, lambda obj: _note(obj, kept), by=ask.caller
            )
        return await self._changes.wait(change, has_judged(kept), seconds=wait)

    async def update(self, ask: Ask, id_: str, body: EnvironmentIn, how: How) -> Outcome:
        """Change what the body names; Conflict when it is meant for another state."""
        name = resource_name(KIND, id_)
        current = await self._changes.read(ask.workspace, name)
        check_match("environment", etag_of(current), how.if_match)
        kept = await self._keep(current, body.secrets)

        def edit(obj: Object) -> None:
            check_match("environment", etag_of(obj), how.if_match)
            obj["spec"]["title"] = body.name
            if "variables" in body.model_fields_set:
                obj["spec"]["variables"] = body.variables
            _note(obj, kept)

        change = await self._changes.edit(ask.workspace, name, edit, by=ask.caller)
        return await self._changes.wait(change, has_judged(kept), seconds=how.wait)

    async def delete(self, ask: Ask, id_: str, if_match: str | None) -> None:
        """Delete an Environment with the secrets made here; Conflict while deployments name it."""
        current = await self._changes.read(ask.workspace, resource_name(KIND, id_))
        check_match("environment", etag_of(current), if_match)
        if users := self._users_of(current):
            raise Conflict(
                f"Environment {id_!r} is used by {', '.join(users)}: deploy them with another "
                "environmentId (null for none), or delete them, first"
            )
        await self._changes.delete(current)

    def _users_of(self, environment: Object) -> list[str]:
        metadata = environment["metadata"]
        return sorted(
            id_of(deployment["metadata"]["name"])
            for deployment in self._users.values([metadata["namespace"]])
            if (deployment["spec"].get("environmentRef") or {}).get("name") == metadata["name"]
        )

    async def _keep(self, obj: Object, values: Mapping[str, str | None]) -> Kept | None:
        """Write secrets; None when there is nothing to write."""
        if not values:
            return None
        environment = Environment.of(obj)
        data = {name: _encoded(value) for name, value in values.items()}
        if environment.spec.secret_ref:
            return await self._change_secret(environment, data)
        data = {name: value for name, value in data.items() if value is not None}
        return await self._new_secret(environment, data) if data else None

    async def _new_secret(self, owner: Environment, data: Object) -> Kept:
        metadata = owner.metadata
        body: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                # a fresh name: what another call left behind cannot be read here
                "name": f"{metadata.name}-secrets-{secrets.token_hex(4)}",
                "namespace": metadata.namespace,
                "labels": {ENVIRONMENT_LABEL: "true", "app.kubernetes.io/part-of": "dragops"},
                "ownerReferences": [
                    {
                        "apiVersion": ENVIRONMENTS.api_version,
                        "kind": ENVIRONMENTS.kind,
                        "name": metadata.name,
                        "uid": metadata.uid,
                    }
                ],
            },
            "type": "Opaque",
            "data": data,
        }
        return _kept(await self._cluster.create(SECRETS, metadata.namespace, body))

    async def _change_secret(self, environment: Environment, data: Object) -> Kept:
        metadata, ref = environment.metadata, environment.spec.secret_ref
        assert ref is not None  # noqa: S101  # the caller has looked
        if environment.status.observed_generation < metadata.generation:
            raise Conflict("It has just been changed, and was not looked at yet: try again")
        told = next((c for c in environment.status.conditions if c.type == "Ready"), None)
        if told and not is_true((told,), "Ready"):
            raise Conflict(f"Its secrets cannot be changed: {told.message}")
        try:
            written = await granted(
                lambda: self._cluster.merge_patch(
                    SECRETS, metadata.namespace, ref.name, {"data": data}
                )
            )
        except NotFound as exc:
            raise Conflict(f"Secret {ref.name!r}, which it names, does not exist") from exc
        return _kept(written)


def has_judged(kept: Kept | None) -> Callable[[int], Question]:
    """Build the question whether the operator has looked at a generation, and at the secrets."""

    def judged(generation: int) -> Question:
        def question(obj: Object) -> bool:
            status = Environment.of(obj).status
            seen = int(status.secret_version or 0)
            return status.observed_generation >= generation and (
                kept is None or seen >= int(kept.version)
            )

        return question

    return judged


def etag_of(environment: Object) -> str:
    """Give the ETag: it moves with what people change, not with the operator's status writes."""
    metadata = environment["metadata"]
    notes = metadata.get("annotations", {})
    return etag(metadata["uid"], str(metadata["generation"]), notes.get(SECRET_VERSION))


def _note(obj: Object, kept: Kept | None) -> None:
    if kept:
        obj["spec"]["secretRef"] = {"name": kept.name}
        obj["metadata"].setdefault("annotations", {})[SECRET_VERSION] = kept.version


def _kept(secret: Object) -> Kept:
    return Kept(secret["metadata"]["name"], secret["metadata"]["resourceVersion"])


def _encoded(value: str | None) -> str | None:
    return None if value is None else base64.b64encode(value.encode()).decode()
