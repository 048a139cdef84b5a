"""Network: questions to name services and servers. Whatever they ask is bound by the policy."""

from datetime import datetime, timedelta
from typing import NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import Number, member
from dragops.nodes.limits import out_of_range
from dragops.nodes.timeouts import bounded_timeout, fixed_timeout

category = Category("Network")

KINDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
_PORT_MAX = 65_535
_DAY = timedelta(days=1)


class Found(NamedTuple):
    """What DNS Lookup puts out."""

    records: list[str]
    found: bool
    ttl: int | None


class Port(NamedTuple):
    """What Check Port puts out."""

    open: bool
    latency_ms: float | None
    reason: str


class Shown(NamedTuple):
    """What TLS Certificate puts out."""

    valid: bool
    reason: str
    subject: str
    issuer: str
    names: list[str]
    not_before: datetime
    not_after: datetime
    days_left: int


def _fixed_port(port: int) -> int:
    if not 1 <= port <= _PORT_MAX:
        raise ValueError(f"use 1 to {_PORT_MAX}")
    return port


@category.node(
    'DnsLookup "DNS Lookup" impure (exec, name: String!,'
    ' type: Enum(A|AAAA|CAA|CNAME|MX|NS|PTR|SOA|SRV|TXT) = "A", timeout: Float = 5)'
    " -> (exec, records: Array, found: Boolean, ttl: Integer?)",
    checks={"timeout": fixed_timeout},
)
async def dns_lookup(ctx: Context, name: str, type_: str = "A", timeout: Number = 5) -> Found:
    """Ask the name service about a name, or about an IP address with PTR."""
    kind = member(type_, KINDS, "type")
    records = await ctx.outside.records(name, kind, bounded_timeout(timeout))
    return Found(records.texts, True, records.ttl) if records else Found([], False, None)


@category.node(
    "CheckPort impure (exec, host: String!, port: Integer!, timeout: Float = 5)"
    " -> (exec, open: Boolean, latencyMs: Float?, reason: String)",
    checks={"port": _fixed_port, "timeout": fixed_timeout},
)
async def check_port(ctx: Context, host: str, port: int, timeout: Number = 5) -> Port:
    """Say whether a port of a host takes connections, and how soon.

    If not, reason is refused, timeout, unreachable or dns.
    """
    probe = await ctx.outside.probe(host, _port(port), bounded_timeout(timeout))
    return Port(not probe.reason, probe.latency_ms, probe.reason)


@category.node(
    'TlsCertificate "TLS Certificate" impure (exec, host: String!, port: Integer = 443,'
    " timeout: Float = 10)"
    " -> (exec, valid: Boolean, reason: String, subject: String, issuer: String, names: Array,"
    " notBefore: DateTime, notAfter: DateTime, daysLeft: Integer)",
    checks={"port": _fixed_port, "timeout": fixed_timeout},
)
async def tls_certificate(ctx: Context, host: str, port: int = 443, timeout: Number = 10) -> Shown:
    """Show a server's certificate, and whether it is good.

    If not, reason is expired, notYetValid, hostname or untrusted.
    """
    shown = await ctx.outside.certificate(host, _port(port), bounded_timeout(timeout))
    days_left = (shown.not_after - ctx.now()) // _DAY
    return Shown(not shown.reason, *shown, days_left)


def _port(port: int) -> int:
    if not 1 <= port <= _PORT_MAX:
        raise out_of_range("port", port, f"use 1 to {_PORT_MAX}")
    return port
