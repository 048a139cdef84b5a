"""The doors of one process; each loads its library when it is first used."""

import os
from typing import TYPE_CHECKING

from dragops.engine.outside.egress import EgressPolicy, read_policy
from dragops.engine.outside.hosts import Hosts, Lookup, SystemLookup
from dragops.nodes.outside import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping


class Doors:
    """Implements ``dragops.nodes.outside.Outside`` under a policy. It keeps nothing open."""

    def __init__(self, policy: EgressPolicy, lookup: Lookup | None = None) -> None:
        self.policy = policy
        self._hosts = Hosts(policy, lookup or SystemLookup())

    async def send(self, request: Request) -> Response:
        """Send an HTTP request once, and follow where it leads."""
        from dragops.engine.outside.http import send  # noqa: PLC0415 a pod without it is smaller

        return await send(request, self._hosts)


def doors(allowed: str, environment: "Mapping[str, str]" = os.environ) -> Doors:
    """Open the doors that an installation allows; its API server is no part of the internet."""
    api_server = environment.get("KUBERNETES_SERVICE_HOST", "")
    return Doors(read_policy(allowed, [api_server] if api_server else []))
