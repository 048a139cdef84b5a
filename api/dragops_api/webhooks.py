"""A deployment's webhook endpoints: a new secret, programs that call one, what was captured."""

import heapq
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from dragops.errors import NotFound
from dragops.model.deployment import DeploymentSpec
from dragops.model.endpoints import EndpointKeys
from dragops.nodes.events import METHODS
from dragops_api.auth import Ask
from dragops_api.changes import Outcome
from dragops_api.deployments import Deployments
from dragops_api.endpoints import Endpoints
from dragops_api.engines import Engines
from dragops_api.schemas.webhooks import CapturedOut, RegenerateIn, SnippetsOut
from dragops_api.snippets.samples import SampleCall, sample_programs
from dragops_api.transitions import is_at_rest, only_if, renew_secret
from dragops_api.versions import Versions

Object = dict[str, Any]
CAPTURED_MAX = 20
"""Of each endpoint, as engines keep them."""


class Renewed(NamedTuple):
    """What a renewal has led to; no secret while engines have not confirmed it."""

    outcome: Outcome
    secret: str | None


class Webhooks:
    """What callers do with webhook endpoints."""

    def __init__(
        self, versions: Versions, deployments: Deployments, endpoints: Endpoints, engines: Engines
    ) -> None:
        self._versions, self._deployments = versions, deployments
        self._endpoints, self._engines = endpoints, engines

    async def regenerate(
        self, ask: Ask, id_: str, wish: RegenerateIn, *, if_match: str | None, wait: int
    ) -> Renewed:
        """Make an endpoint's secret anew; it is good once the engines have obeyed."""
        deployment = await self._deployments.get(ask, id_)
        node = _endpoint(deployment, wish.endpoint_id)["nodeId"]
        keys = (await self._endpoints.keys(deployment)).get(node, EndpointKeys())
        renew = renew_secret(node, made_for=keys.number or 0, grace_seconds=wish.grace_seconds)
        edit = only_if(if_match, renew)
        outcome = await self._deployments.turn(ask, id_, edit, wait=wait, until=is_at_rest)
        if not outcome.is_settled:
            return Renewed(outcome, None)
        return Renewed(outcome, (await self._endpoints.secrets(ask, outcome.obj)).get(node))

    async def snippets(self, ask: Ask, id_: str, endpoint_id: str) -> SnippetsOut:
        """Write programs that call an endpoint, for its scheme and its first method."""
        deployment = await self._deployments.get(ask, id_)
        endpoint = _endpoint(deployment, endpoint_id)
        method = await self._method(deployment, endpoint["nodeId"])
        words = {"message": f"Hello, {endpoint['alias'] or endpoint['nodeId']}"}
        call = SampleCall(
            scheme=_scheme(deployment, endpoint["nodeId"]),
            url=endpoint["url"],
            method=method,
            body="" if method == "GET" else json.dumps(words),
            secret=(await self._endpoints.secrets(ask, deployment)).get(endpoint["nodeId"]),
        )
        return SnippetsOut(**sample_programs(call))

    async def captured(self, ask: Ask, id_: str) -> list[CapturedOut]:
        """Give the events that were captured, newest first; engines keep them in memory."""
        deployment = await self._deployments.get(ask, id_)
        metadata = deployment["metadata"]
        told = await self._engines.captured(metadata["namespace"], metadata["uid"])
        ids = {hook["nodeId"]: hook["endpointId"] for hook in _endpoints(deployment)}
        return [
            CapturedOut(
                endpoint_id=ids[event["nodeId"]],
                node_id=event["nodeId"],
                captured_at=event["at"],
                event_data=event["event"],
            )
            for event in _newest(told)
            if event["nodeId"] in ids
        ]

    async def _method(self, deployment: Object, node: str) -> str:
        """Give the first method that the live version takes; POST where it takes all of them."""
        program = await self._versions.live_program(deployment)
        trigger = program.manifest.trigger(node) if program else None
        methods = tuple(trigger.settings.get("methods") or METHODS) if trigger else METHODS
        return "POST" if methods == METHODS else str(methods[0])


def _endpoints(deployment: Object) -> list[dict[str, str]]:
    found: list[dict[str, str]] = deployment.get("status", {}).get("webhooks", [])
    return found


def _endpoint(deployment: Object, endpoint_id: str) -> dict[str, str]:
    for endpoint in _endpoints(deployment):
        if endpoint["endpointId"] == endpoint_id:
            return endpoint
    raise NotFound("endpoint", endpoint_id)


def _scheme(deployment: Object, node: str) -> str:
    hooks = DeploymentSpec.model_validate(deployment["spec"]).webhooks
    return next((hook.signature.scheme for hook in hooks if hook.node_id == node), "dragops")


def _newest(told: Iterable[list[Object]]) -> list[Object]:
    """Put what several engines tell in one order, and keep of each node what one would keep."""
    seen: Counter[str] = Counter()
    kept = []
    for event in heapq.merge(*told, key=lambda event: str(event["at"]), reverse=True):
        seen[event["nodeId"]] += 1
        if seen[event["nodeId"]] <= CAPTURED_MAX:
            kept.append(event)
    return kept
