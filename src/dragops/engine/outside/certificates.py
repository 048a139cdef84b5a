"""Servers' certificates, trusted or not."""

import asyncio
import ssl

from cryptography import x509

from dragops.engine.outside.hosts import Hosts, known_host
from dragops.engine.outside.tcp import connected, unreachable
from dragops.errors import RunFailure
from dragops.nodes.outside import Certificate

_REASONS = {9: "notYetValid", 10: "expired", 62: "hostname", 64: "hostname"}
"""OpenSSL's X509_V_ERR_*; all others are a matter of trust."""


async def certificate(
    host: str, port: int, seconds: float, hosts: Hosts, trust: ssl.SSLContext
) -> Certificate:
    """Get a server's certificate, and say what is wrong with it."""
    host = known_host(host)
    try:
        async with asyncio.timeout(seconds):
            addresses = await hosts.addresses(host)
            try:
                return _read(await _shown(addresses, host, port, trust), reason="")
            except ssl.SSLCertVerificationError as exc:
                reason = _REASONS.get(exc.verify_code, "untrusted")
            # a connection that failed has not kept what was shown
            return _read(await _shown(addresses, host, port, _whoever()), reason=reason)
    except TimeoutError as exc:
        told = f"{host}:{port} showed no certificate within {seconds:g} s"
        raise RunFailure("TimeoutError", told) from exc
    except (ssl.SSLError, EOFError, ConnectionResetError, ValueError) as exc:
        raise RunFailure("HttpError", f"no TLS with {host}:{port}") from exc
    except OSError as exc:
        raise unreachable(host, port, exc) from exc


async def _shown(addresses: list[str], host: str, port: int, trust: ssl.SSLContext) -> bytes:
    sock = await connected(addresses, port)
    _, writer = await asyncio.open_connection(sock=sock, ssl=trust, server_hostname=host)
    shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    if shown is None:
        raise ssl.SSLError("no certificate")
    return shown


def _whoever() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _read(der: bytes, *, reason: str) -> Certificate:
    read = x509.load_der_x509_certificate(der)
    return Certificate(
        reason,
        read.subject.rfc4514_string(),
        read.issuer.rfc4514_string(),
        _names(read),
        read.not_valid_before_utc,
        read.not_valid_after_utc,
    )


def _names(read: x509.Certificate) -> list[str]:
    try:
        found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = found.get_values_for_type(x509.IPAddress)
    return [*found.get_values_for_type(x509.DNSName), *map(str, addresses)]
