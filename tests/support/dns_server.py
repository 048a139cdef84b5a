"""A name server on the loopback device, over UDP, that answers from a few lines of a zone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from typing_extensions import override

Zone = dict[tuple[str, str], list[str]]
"""Records by name (with its last dot) and kind; a name with another kind only has no such one."""

TTL = 300


class NameServer(asyncio.DatagramProtocol):
    """Answers what the zone says; `fails` names get SERVFAIL, `silent` ones no answer at all."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[str] = []

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}")
        if name.startswith("silent."):
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name.startswith("fails."):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.zone:
            answer.answer.append(dns.rrset.from_text(name, TTL, "IN", kind, *self.zone[name, kind]))
        elif name not in {known for known, _ in self.zone}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(zone: Zone) -> AsyncIterator[tuple[NameServer, dns.asyncresolver.Resolver]]:
    """Serve a zone, and give a resolver that asks there."""
    loop = asyncio.get_running_loop()
    transport, served = await loop.create_datagram_endpoint(
        lambda: NameServer(zone), local_addr=("127.0.0.1", 0)
    )
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield served, resolver
    finally:
        transport.close()
