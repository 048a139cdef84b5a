"""The versions of a deployment that are kept: listed, read out of their ConfigMaps, pinned."""

from typing import Any, NamedTuple

from dragops.cluster.client import CONFIG_MAPS, Cluster
from dragops.errors import NotFound, Refused
from dragops.model.deployment import DeploymentStatus, VersionStatus
from dragops.model.program import Program
from dragops.model.stored_program import checked_program, program_files
from dragops_api.auth import Ask
from dragops_api.changes import Change, Outcome
from dragops_api.deployments import Deployments
from dragops_api.endpoints import is_child
from dragops_api.errors import NotKept
from dragops_api.patterns import Patterns
from dragops_api.transitions import only_if, roll_back

Object = dict[str, Any]


class Kept(NamedTuple):
    """A version, and whether it is what runs, and what shall run."""

    version: VersionStatus
    is_live: bool
    is_pinned: bool


class Versions:
    """Versions by number; what is not kept any more is NotFound."""

    def __init__(self, cluster: Cluster, patterns: Patterns, deployments: Deployments) -> None:
        self._cluster, self._patterns, self._deployments = cluster, patterns, deployments

    async def of_deployment(self, ask: Ask, id_: str) -> list[Kept]:
        """List the versions of a deployment, newest first."""
        return kept_versions(await self._deployments.get(ask, id_))

    async def of_pattern(self, ask: Ask, id_: str) -> list[Kept]:
        """List the versions that deploys of a pattern have made, newest first."""
        await self._patterns.get(ask, id_)
        try:
            return kept_versions(await self._deployments.of_pattern(ask, id_))
        except NotFound:
            return []

    async def program(self, ask: Ask, id_: str, number: int) -> tuple[Kept, Program]:
        """Read the program of one version."""
        deployment = await self._deployments.get(ask, id_)
        return await self._numbered(deployment, number)

    async def live_program(self, deployment: Object) -> Program | None:
        """Read the program that is live; None when there is none, or none that can be read."""
        status = DeploymentStatus.model_validate(deployment.get("status", {}))
        if status.program is None:
            return None
        pointer = status.program
        return await self._program(deployment, pointer.config_map, pointer.digest)

    async def restore(self, ask: Ask, id_: str, number: int, if_match: str | None) -> Change:
        """Write the graph of a version into its pattern; nothing is deployed."""
        deployment = await self._deployments.of_pattern(ask, id_)
        _, program = await self._numbered(deployment, number)
        return await self._patterns.restore(ask, id_, program.manifest.source, if_match)

    async def roll_back(
        self, ask: Ask, id_: str, number: int, *, if_match: str | None, wait: int
    ) -> Outcome:
        """Pin a version and wait until the engines run it."""
        edit = only_if(if_match, roll_back(number))
        outcome = await self._deployments.turn(ask, id_, edit, wait=wait)
        status = outcome.obj.get("status", {})
        is_ours = outcome.obj["spec"].get("version") == number
        if outcome.is_settled and is_ours and status.get("versionNumber") != number:
            raise NotKept(number, [kept.version.number for kept in kept_versions(outcome.obj)])
        return outcome

    async def _numbered(self, deployment: Object, number: int) -> tuple[Kept, Program]:
        listed = kept_versions(deployment)
        for kept in listed:
            if kept.version.number == number:
                version = kept.version
                program = await self._program(deployment, version.config_map, version.digest)
                if program is not None:
                    return kept, program
        raise NotKept(number, [k.version.number for k in listed if k.version.number != number])

    async def _program(self, deployment: Object, config_map: str, digest: str) -> Program | None:
        """Read a program that the operator made for this deployment, and no other ConfigMap."""
        namespace = deployment["metadata"]["namespace"]
        try:
            stored = await self._cluster.get(CONFIG_MAPS, namespace, config_map)
            if not is_child(stored, deployment):
                return None
            return checked_program(program_files(stored), digest, name=config_map)
        except (NotFound, Refused):
            return None


def kept_versions(deployment: Object) -> list[Kept]:
    """Give the versions of a deployment's status, newest first."""
    status = DeploymentStatus.model_validate(deployment.get("status", {}))
    pinned = deployment["spec"].get("version")
    live = None if status.state == "undeployed" else status.version_number
    return [Kept(v, v.number == live, v.number == pinned) for v in status.versions]
