"""The doors of one process; each loads its library when it is first used."""

import asyncio
import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from dragops.engine.outside.egress import EgressPolicy, literal, read_policy
from dragops.engine.outside.hosts import Hosts, Lookup, SystemLookup
from dragops.nodes.outside import Certificate, Mail, MailServer, Probe, Records, Request, Response

if TYPE_CHECKING:
    import ssl

    from dns.asyncresolver import Resolver

# ruff: noqa: PLC0415  (a pod whose program reaches nothing is smaller without these libraries)


class Doors:
    """Implements ``dragops.nodes.outside.Outside`` under a policy. It keeps nothing open."""

    def __init__(self, policy: EgressPolicy, lookup: Lookup | None = None) -> None:
        self.policy = policy
        self._hosts = Hosts(policy, lookup or SystemLookup())
        self._trust: ssl.SSLContext | None = None

    async def send(self, request: Request) -> Response:
        """Send an HTTP request once, and follow where it leads."""
        from dragops.engine.outside.http import send

        return await send(request, self._hosts, await self._trusted())

    async def records(self, name: str, kind: str, timeout_seconds: float) -> Records | None:
        """Ask the name servers of this machine."""
        from dragops.engine.outside.dns import records

        return await records(name, kind, timeout_seconds, self._hosts, self._resolver)

    async def probe(self, host: str, port: int, timeout_seconds: float) -> Probe:
        """Connect by TCP and hang up."""
        from dragops.engine.outside.tcp import probe

        return await probe(host, port, timeout_seconds, self._hosts)

    async def certificate(self, host: str, port: int, timeout_seconds: float) -> Certificate:
        """Get a server's certificate, good or not."""
        from dragops.engine.outside.certificates import certificate

        trust = await self._trusted()
        return await certificate(host, port, timeout_seconds, self._hosts, trust)

    async def deliver(self, mail: Mail, server: MailServer) -> None:
        """Hand a message to a server."""
        from dragops.engine.outside.smtp import deliver

        await deliver(mail, server, self._hosts, await self._trusted())

    async def _trusted(self) -> "ssl.SSLContext":
        if self._trust is None:
            import ssl

            # reads some hundred certificates: other runs go on meanwhile
            self._trust = await asyncio.to_thread(ssl.create_default_context)
        return self._trust

    @cached_property
    def _resolver(self) -> "Resolver":
        from dragops.engine.outside.dns import system_resolver

        return system_resolver()


def doors(allowed: str, environment: Mapping[str, str] = os.environ) -> Doors:
    """Open the doors that an installation allows; its API server is no part of the internet."""
    api_server = environment.get("KUBERNETES_SERVICE_HOST", "")
    # some clusters have a public name there, which anybody may ask
    return Doors(read_policy(allowed, [api_server] if literal(api_server) else []))
