"""Plain connections: to the first of a host's judged addresses that takes one."""

import asyncio
import os
import socket
import time

from aiohappyeyeballs import AddrInfoType, start_connection

from dragops.engine.outside.hosts import Hosts, UnknownHost
from dragops.errors import RunFailure
from dragops.nodes.outside import Probe

_NEXT_SECONDS = 0.25
"""After this time the next address is tried as well."""


async def connected(addresses: list[str], port: int) -> socket.socket:
    """Connect to one of these addresses; raises OSError."""
    try:
        return await start_connection(
            [_info(address, port) for address in addresses], happy_eyeballs_delay=_NEXT_SECONDS
        )
    except RuntimeError as exc:
        raise OSError(str(exc)) from exc


async def probe(host: str, port: int, seconds: float, hosts: Hosts) -> Probe:
    """Connect and hang up; tell how long that took, or why it was not possible."""
    try:
        async with asyncio.timeout(seconds):
            addresses = await hosts.addresses(host)
            begun = time.perf_counter()
            (await connected(addresses, port)).close()
            return Probe(round((time.perf_counter() - begun) * 1000, 3), "")
    except TimeoutError:
        return Probe(None, "timeout")
    except ConnectionRefusedError:
        return Probe(None, "refused")
    except UnknownHost:
        return Probe(None, "dns")
    except OSError:
        return Probe(None, "unreachable")


def unreachable(host: str, port: int, exc: OSError) -> RunFailure:
    """Make the failure of a server that took no connection; it tells no address."""
    told = os.strerror(exc.errno) if exc.errno else "no connection"
    return RunFailure("HttpError", f"{host}:{port} cannot be reached: {told}")


def _info(address: str, port: int) -> AddrInfoType:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)
