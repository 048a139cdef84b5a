"""Where programs may connect to: the public internet, and what the installation allows beside it.

An address is judged, never a name alone, as a name can mean anything; ``addresses`` then gives the
very addresses that were judged to whoever connects.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*\.?")
_INTERNET6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_RELAYS = (IPv4Network("192.88.99.0/24"), IPv6Network("2002::/16"))
"""6to4, which is any IPv4 address in disguise."""
_METADATA = (
    IPv4Network("168.63.129.16/32"),  # Azure
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("192.0.0.192/32"),  # Oracle
    IPv6Network("fd00:ec2::254/128"),  # AWS; its IPv4 one, and most others, are link-local
    IPv6Network("fd20:ce::254/128"),  # Google
)
_OF_CLUSTERS = (".svc", ".cluster.local", ".internal", ".local", ".localhost")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What is allowed beside the internet; ``refused`` are addresses of the cluster itself."""

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()
    """Host names; one that begins with ``*.`` stands for all names below it."""
    refused: frozenset[Address] = frozenset()

    def knows(self, host: str) -> bool:
        """Say whether a host is allowed by its name."""
        labels = host.split(".")
        above = {"*." + ".".join(labels[n:]) for n in range(1, len(labels))}
        return host in self.names or not above.isdisjoint(self.names)

    def asked_as(self, host: str) -> str | None:
        """Give the name to look up, or None for one that must not be.

        The cluster's search domains are for its own names: to others they are never added.
        """
        if self.knows(host) or (self.networks and _is_inside(host)):
            return host
        return None if _is_inside(host) else f"{host}."

    def allows(self, host: str, address: Address) -> bool:
        """Say whether an address of a host may be connected to.

        An allowed name opens addresses of private networks; those of this machine, its links and
        their metadata are opened by a network only.
        """
        meant = _meant(address)
        if _is_one_of(self.networks, meant) or _is_one_of(self.networks, address):
            return True
        if self.knows(host):
            return not _is_near(meant)
        return not _is_inside(host) and _is_public(meant) and meant not in self.refused


def read_policy(allowed: str, refused: Iterable[str] = ()) -> EgressPolicy:
    """Read networks, addresses and host names, several by commas; ValueError names a bad one."""
    entries = [entry.strip().lower() for entry in allowed.split(",") if entry.strip()]
    read = [_entry(entry) for entry in entries]
    return EgressPolicy(
        networks=tuple(each for each in read if not isinstance(each, str)),
        names=frozenset(each for each in read if isinstance(each, str)),
        refused=frozenset(ip_address(each) for each in refused),
    )


def _is_readable(text: str) -> str:
    read_policy(text)
    return text


EgressAllow: TypeAlias = Annotated[str, AfterValidator(_is_readable)]
"""The setting that a policy is read from."""


def is_numeric(host: str) -> bool:
    """Say whether a host looks like an IPv4 address in some of its many spellings."""
    last = host.rstrip(".").rpartition(".")[2]
    return bool(re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last))


def literal(host: str) -> Address | None:
    """Read a host that is an address in its one proper spelling."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _entry(text: str) -> Network | str:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        if not _NAME.fullmatch(text) or is_numeric(text):
            raise ValueError(f"{text!r} is no network, address or host name") from None
        return text.rstrip(".")


def _meant(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_inside(host: str) -> bool:
    return literal(host) is None and ("." not in host or host.endswith(_OF_CLUSTERS))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _INTERNET6:
        return False
    is_odd = address.is_multicast or address.is_reserved or _is_one_of(_RELAYS, address)
    return address.is_global and not is_odd and not _is_one_of(_METADATA, address)


def _is_near(address: Address) -> bool:
    is_here = address.is_loopback or address.is_link_local or address.is_unspecified
    return is_here or address.is_multicast or _is_one_of(_METADATA, address)


def _is_one_of(networks: Iterable[Network], address: Address) -> bool:
    return any(address in network for network in networks)
