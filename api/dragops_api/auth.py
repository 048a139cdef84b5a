"""What a caller may: asked of the API server before a body is even read.

A REST permission is a Kubernetes permission: ``RIGHTS`` names for each route what its caller must
be allowed to do, in the words of RBAC. A route without an entry cannot be made.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from starlette.datastructures import Headers
from typing_extensions import override

from dragops.cluster.access import Access
from dragops.cluster.tokens import Caller
from dragops.errors import BadInput, NotFound, Refused
from dragops.model.ids import NAME_MAX, NAME_PATTERN, name_of

WORKSPACE_HEADER = "x-dragops-workspace"
EVERY_WORKSPACE = "*"
NAMESPACE = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(NAMESPACE)
_NAME = re.compile(NAME_PATTERN)
_PATH_PARAMS = {
    "patterns": "pattern_id",
    "patterndeployments": "deployment_id",
    "environments": "environment_id",
}


class Right(NamedTuple):
    """One thing that RBAC can allow."""

    verb: str
    resource: str
    subresource: str = ""

    @property
    def whole_resource(self) -> str:
        """Give the resource with its subresource, as roles write it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @override
    def __str__(self) -> str:
        return f"{self.verb} {self.whole_resource}"


def _deployments(verb: str, subresource: str = "") -> Right:
    return Right(verb, "patterndeployments", subresource)


SEE_RUNS = _deployments("get", "runs")
EXECUTE = _deployments("create", "execute")
STATE = (_deployments("update", "state"),)
SEE_SECRETS = _deployments("get", "secrets")
RIGHTS: dict[str, tuple[Right, ...]] = {
    "list_patterns": (Right("list", "patterns"),),
    "create_pattern": (Right("create", "patterns"),),
    "get_pattern": (Right("get", "patterns"),),
    "update_pattern": (Right("update", "patterns"),),
    "delete_pattern": (Right("delete", "patterns"),),
    "patch_pattern": (Right("update", "patterns"),),
    "clone_pattern": (Right("get", "patterns"), Right("create", "patterns")),
    "validate_pattern": (Right("get", "patterns"),),
    "export_pattern": (Right("get", "patterns"),),
    "import_pattern": (Right("create", "patterns"),),
    "list_pattern_versions": (Right("get", "patterns"), _deployments("get")),
    "restore_pattern_version": (Right("update", "patterns"), _deployments("get")),
    "deploy_pattern": (_deployments("create"), _deployments("update")),
    "undeploy_pattern": STATE,
    "get_pattern_deployment": (_deployments("get"),),
    "list_deployments": (_deployments("list"),),
    "get_deployment": (_deployments("get"),),
    "delete_deployment": (_deployments("delete"),),
    "execute_deployment": (EXECUTE,),
    "pause_deployment": STATE,
    "resume_deployment": STATE,
    "redeploy_deployment": STATE,
    "update_schedule": STATE,
    "roll_back_deployment": STATE,
    "list_deployment_versions": (_deployments("get"),),
    "get_version_program": (_deployments("get"),),
    "list_webhook_endpoints": (_deployments("get"),),
    # the answer shows the new secret
    "regenerate_webhook_secret": (_deployments("update", "secrets"), SEE_SECRETS),
    "write_webhook_snippets": (_deployments("get"),),
    # what senders sent is as private as the runs that it would have started
    "list_captured_events": (_deployments("get", "runs"),),
    "summarise_health": (_deployments("list"),),
    "list_runs": (SEE_RUNS,),
    "sum_up_runs": (SEE_RUNS,),
    "stream_runs": (_deployments("watch", "runs"),),
    "get_run": (SEE_RUNS,),
    "read_run_log": (SEE_RUNS,),
    "retry_run": (SEE_RUNS, EXECUTE),
    "cancel_run": (_deployments("update", "runs"),),
    "list_environments": (Right("list", "environments"),),
    "create_environment": (Right("create", "environments"),),
    "get_environment": (Right("get", "environments"),),
    "update_environment": (Right("update", "environments"),),
    "delete_environment": (Right("delete", "environments"),),
    "list_nodes": (Right("list", "patterns"),),
    "get_node": (Right("list", "patterns"),),
    "tell_caller": (),
}
"""A call needs all of them; none means that a good token is enough."""
PUBLIC = {"tell_liveness", "tell_readiness", "list_providers", "show_openapi", "show_docs"}
SPANNING = {"list_deployments", "summarise_health", "stream_runs"}
"""Without the workspace header these cover every workspace in which the caller may."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that was let in: who calls, and where."""

    caller: Caller
    workspace: str
    workspaces: tuple[str, ...]
    """What a spanning call covers; for all others just ``workspace``."""


class Gate:
    """Lets calls in; ``known`` gives the namespaces that hold deployments."""

    def __init__(
        self,
        access: Access,
        *,
        workspaces: Collection[str],
        default: str,
        known: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._access, self._known = access, known
        self._workspaces, self._default = tuple(workspaces), default

    async def admit(
        self, route: str, caller: Caller, headers: Headers, path_params: Mapping[str, str]
    ) -> Ask:
        """Let a call in, or raise BadInput, Refused, NotFound, in that order."""
        workspace = self.workspace_of(caller, headers)
        if WORKSPACE_HEADER not in headers and route in SPANNING:
            return await self._spanning(route, caller, workspace)
        for right in RIGHTS[route]:
            await self._demand(caller, right, workspace, _name_for(right, path_params))
        if not self._serves(workspace):
            raise NotFound("workspace", workspace)
        return Ask(caller, workspace, (workspace,))

    def workspace_of(self, caller: Caller, headers: Headers) -> str:
        """Give the workspace that a call is meant for; raise BadInput where it names none."""
        named = headers.getlist(WORKSPACE_HEADER)
        if not named:
            return caller.namespace if self._serves(caller.namespace) else self._default
        if len(named) > 1 or not _NAMESPACE.fullmatch(named[0]):
            raise BadInput(f"header.{WORKSPACE_HEADER}", "is not the name of one namespace")
        return named[0]

    async def may(self, ask: Ask, right: Right, namespace: str, name: str = "") -> bool:
        """Say whether the caller has a right that only changes what an answer shows."""
        return await self._access.may(
            ask.caller,
            verb=right.verb,
            resource=right.resource,
            subresource=right.subresource,
            namespace=namespace,
            name=name,
        )

    async def rights(self, ask: Ask) -> dict[Right, bool]:
        """Say of every right that some call needs whether the caller has it in its workspace."""
        rights = sorted({right for needed in RIGHTS.values() for right in needed} | {SEE_SECRETS})
        verdicts = await asyncio.gather(*(self.may(ask, right, ask.workspace) for right in rights))
        return dict(zip(rights, verdicts, strict=True))

    async def demand(self, ask: Ask, right: Right, name: str) -> None:
        """Raise Refused unless the caller has a right that a part of its call needs besides."""
        await self._demand(ask.caller, right, ask.workspace, name)

    async def _spanning(self, route: str, caller: Caller, workspace: str) -> Ask:
        """Cover what the caller may see; refuse only who may see nothing."""
        served = self._workspaces
        if EVERY_WORKSPACE in served:
            served = tuple(sorted({*self._known(), self._default, caller.namespace} - {""}))
        everywhere = Ask(caller, workspace, served)
        questions = (self._has_all(everywhere, route, where) for where in served)
        verdicts = await asyncio.gather(*questions)
        seen = tuple(where for where, yes in zip(served, verdicts, strict=True) if yes)
        if not seen:
            raise _refusal(caller, RIGHTS[route][0], workspace)
        return Ask(caller, workspace, seen)

    async def _has_all(self, ask: Ask, route: str, namespace: str) -> bool:
        return all([await self.may(ask, right, namespace) for right in RIGHTS[route]])

    async def _demand(self, caller: Caller, right: Right, workspace: str, name: str) -> None:
        if not await self.may(Ask(caller, workspace, ()), right, workspace, name):
            raise _refusal(caller, right, workspace)

    def _serves(self, workspace: str) -> bool:
        return bool(workspace) and not {workspace, EVERY_WORKSPACE}.isdisjoint(self._workspaces)


def _refusal(caller: Caller, right: Right, workspace: str) -> Refused:
    return Refused(f"{caller.username} may not {right} in workspace {workspace!r}")


def _name_for(right: Right, path_params: Mapping[str, str]) -> str:
    """Give the object's name for rules with resourceNames; the kind decides which id is meant."""
    name = name_of(path_params.get(_PATH_PARAMS[right.resource], ""))
    return name if len(name) <= NAME_MAX and _NAME.fullmatch(name) else ""
