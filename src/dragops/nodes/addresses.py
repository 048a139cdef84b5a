"""URLs and IP addresses, taken apart without asking anybody."""

import ipaddress
import re
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import quoted, to_string
from dragops.nodes.urls import DEFAULT_PORTS, by_name, read_url

category = Category("Network")

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_BETWEEN_RANGES = re.compile(r"[\s,]+")


class ParsedUrl(NamedTuple):
    """What Parse URL puts out."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: dict[str, Any]
    fragment: str
    username: str
    origin: str


class Ip(NamedTuple):
    """What IP Info puts out; all but ``valid`` is null for what is no address."""

    valid: bool
    version: int | None = None
    normalized: str | None = None
    is_private: bool | None = None
    is_loopback: bool | None = None
    is_multicast: bool | None = None
    is_global: bool | None = None
    reverse: str | None = None


class Match(NamedTuple):
    """What IP in CIDR puts out."""

    result: bool
    match: str | None


def _url(value: str) -> str:
    read_url(value)
    return value


def _ip(value: str) -> str:
    if _address(value) is None:
        raise ValueError("it is no IP address")
    return value


def _ranges(value: Any) -> Any:
    try:
        _networks(value)
    except RunFailure as exc:
        raise ValueError(exc.message) from exc
    return value


@category.node(
    'ParseUrl "Parse URL" pure (url: String!)'
    " -> (scheme: String, host: String, port: Integer?, path: String, query: Object,"
    " fragment: String, username: String, origin: String)",
    checks={"url": _url},
)
def parse_url(url: str) -> ParsedUrl:
    """Take an absolute URL apart; its password is not shown."""
    try:
        read = read_url(url)
    except ValueError as exc:
        raise RunFailure("ParseError", f"{quoted(url)} is {exc}") from exc
    return ParsedUrl(
        read.scheme,
        read.host,
        DEFAULT_PORTS.get(read.scheme) if read.port is None else read.port,
        unquote(read.path) or "/",
        by_name(read.query),
        read.fragment,
        unquote(read.username),
        read.origin,
    )


@category.node(
    'IpInfo "IP Info" pure (ip: String!)'
    " -> (valid: Boolean, version: Integer?, normalized: String?, isPrivate: Boolean?,"
    " isLoopback: Boolean?, isMulticast: Boolean?, isGlobal: Boolean?, reverse: String?)"
)
def ip_info(ip: str) -> Ip:
    """Tell what kind of address an IP address is, and whether it is one at all."""
    address = _address(ip)
    if address is None:
        return Ip(valid=False)
    return Ip(
        True,
        address.version,
        address.compressed,
        address.is_private,
        address.is_loopback,
        address.is_multicast,
        address.is_global,
        address.reverse_pointer,
    )


@category.node(
    'IpInCidr "IP in CIDR" pure (ip: String!, ranges: Any!) -> (result: Boolean, match: String?)',
    checks={"ip": _ip, "ranges": _ranges},
)
def ip_in_cidr(ip: str, ranges: Any) -> Match:
    """Find the first of some networks that holds an IP address."""
    address = _address(ip)
    if address is None:
        raise RunFailure("ParseError", f"{quoted(ip)} is no IP address")
    found = [written for written, network in _networks(ranges) if address in network]
    return Match(bool(found), found[0] if found else None)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    # one with a zone (fe80::1%eth0) means something on one machine only
    return None if "%" in text else address


def _networks(ranges: Any) -> list[tuple[str, Network]]:
    return [(written, _network(written)) for written in _written(ranges)]


def _written(ranges: Any) -> list[str]:
    if isinstance(ranges, list):
        return [to_string(each, "ranges").strip() for each in ranges]
    return [part for part in _BETWEEN_RANGES.split(to_string(ranges, "ranges")) if part]


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as exc:
        raise RunFailure("ParseError", f"{quoted(text)} is no network or IP address") from exc
