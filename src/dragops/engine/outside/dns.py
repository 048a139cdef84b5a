"""Questions to the name service, by dnspython: any kind of record, over the system's servers."""

from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver
import dns.reversename
from dns.rdtypes.ANY.CAA import CAA
from dns.rdtypes.ANY.TXT import TXT

from dragops.engine.outside.egress import EgressPolicy, literal
from dragops.engine.outside.hosts import Hosts, known_host, refused
from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.outside import Records


def system_resolver() -> dns.asyncresolver.Resolver:
    """Give the resolver of this machine: what /etc/resolv.conf says."""
    try:
        return dns.asyncresolver.Resolver()
    except dns.resolver.NoResolverConfiguration as exc:
        raise RunFailure("HttpError", "the engine's machine knows no name server") from exc


async def records(
    name: str, kind: str, seconds: float, hosts: Hosts, resolver: dns.asyncresolver.Resolver
) -> Records | None:
    """Ask for the records of a name; None when there are none, failures as ``Outside`` has them.

    What a name of the cluster, or of a private network, stands for is not told.
    """
    asked = _reversed(name, hosts.policy) if kind == "PTR" else _forward(name, hosts)
    try:
        answer = await resolver.resolve(
            asked, kind, lifetime=seconds, search=not asked.is_absolute(), raise_on_no_answer=False
        )
    except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN):
        return None
    except dns.exception.Timeout as exc:
        told = f"no name server answered within {seconds:g} s for {quoted(name)}"
        raise RunFailure("TimeoutError", told) from exc
    except (dns.exception.DNSException, OSError) as exc:
        told = f"the name service has no answer for {quoted(name)}"
        raise RunFailure("HttpError", told) from exc
    if answer.rrset is None:
        return None
    texts = [_text(each) for each in answer.rrset]
    shown = _shown(texts, name, hosts.policy) if kind in {"A", "AAAA"} else texts
    return Records(sorted(shown), answer.rrset.ttl)


def _forward(name: str, hosts: Hosts) -> dns.name.Name:
    asked = hosts.asked_as(known_host(name))
    try:
        return dns.name.from_text(asked, origin=None)
    except dns.exception.DNSException as exc:
        raise RunFailure("HttpError", f"{quoted(name)} is no name") from exc


def _reversed(name: str, policy: EgressPolicy) -> dns.name.Name:
    address = literal(name.strip())
    if address is None:
        raise RunFailure("ParseError", f"{quoted(name)} is no IP address")
    if not policy.allows(str(address), address):
        raise refused(name)
    return dns.reversename.from_address(str(address))


def _shown(texts: list[str], name: str, policy: EgressPolicy) -> list[str]:
    # block lists answer with addresses of the loopback network, which tell nothing
    shown = [
        text
        for text in texts
        if _is_loopback(text) or policy.allows(known_host(name), ip_address(text))
    ]
    if not shown:
        raise refused(name)
    return shown


def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = record.to_text()
    if isinstance(record, CAA):
        return text  # a dot at its end is no end of a name
    return " ".join(word.rstrip(".") or "." for word in text.split(" "))
