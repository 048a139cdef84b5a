"""From a host to the addresses that may be connected to, and to nothing else.

Every connection of a program begins here; a name is looked up once, and what was judged is used.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import idna

from dragops.engine.outside.egress import Address, EgressPolicy, is_numeric, literal
from dragops.errors import RunFailure
from dragops.nodes.convert import quoted

Lookup = Callable[[str], Awaitable[Iterable[str]]]
"""Gives the addresses of a name; OSError when it has none."""

_LONGEST = 253
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_THREADS = 16
"""Names that can be looked up at a time: a dead name server must not hold up all others."""


class UnknownHost(RunFailure):
    """A name that the name service does not know, or cannot find out about."""

    def __init__(self, host: str) -> None:
        super().__init__("HttpError", f"the host {quoted(host)} was not found")


class SystemLookup:
    """Asks as every program of this machine does: /etc/hosts, then the resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lookup")

    async def __call__(self, name: str) -> list[str]:
        """Give the addresses of a name, in the system's order of preference."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _asked, name)
        return list(dict.fromkeys(found))


def host_name(host: str) -> str:
    """Give a host as the name service knows it, in ASCII; ValueError when it is none."""
    host = host.lower().rstrip(".")
    if literal(host):
        return host
    if len(host) > _LONGEST:
        raise ValueError(f"{quoted(host)} is no host")
    try:
        name = idna.encode(host, uts46=True).decode() if not host.isascii() else host
    except idna.IDNAError as exc:
        raise ValueError(f"{quoted(host)} is no host: {exc}") from exc
    if not _NAME.fullmatch(name) or (is_numeric(name) and not literal(name)):
        raise ValueError(f"{quoted(host)} is no host")
    return name


class Hosts:
    """Hosts as programs may see them."""

    def __init__(self, policy: EgressPolicy, lookup: Lookup) -> None:
        self.policy, self._lookup = policy, lookup

    def asked_as(self, host: str) -> str:
        """Give the name to look up for a host; HttpError for one that must not be."""
        name = self.policy.asked_as(host)
        if name is None:
            raise refused(host)
        return name

    async def addresses(self, host: str) -> list[str]:
        """Give the addresses of a host that may be connected to; HttpError when there is none.

        No message tells an address: names of a private network stay unknown to a program.
        """
        host = known_host(host)
        found = [literal(host)] if literal(host) else await self._asked(host)
        allowed = [str(each) for each in found if each and self.policy.allows(host, each)]
        if not allowed:
            raise refused(host)
        return allowed

    async def _asked(self, host: str) -> list[Address]:
        try:
            return [ip_address(each) for each in await self._lookup(self.asked_as(host))]
        except (OSError, UnicodeError) as exc:
            raise UnknownHost(host) from exc


def known_host(host: str) -> str:
    """Give a host as the name service knows it; HttpError when it is none."""
    try:
        return host_name(host)
    except ValueError as exc:
        raise RunFailure("HttpError", str(exc)) from exc


def refused(host: str) -> RunFailure:
    """Make the failure of a host that is out of bounds."""
    told = "is refused by the egress policy (chart value engine.egress.allow)"
    return RunFailure("HttpError", f"the host {quoted(host)} {told}")


def _asked(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
