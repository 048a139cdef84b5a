"""Hands messages to mail servers, by aiosmtplib; nothing is told to one before it speaks TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from dragops.engine.outside.hosts import Hosts, known_host
from dragops.engine.outside.tcp import connected, unreachable
from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.outside import Mail, MailServer

_SECONDS = 60.0
"""For all of it: servers take their time to look at a message."""


async def deliver(mail: Mail, server: MailServer, hosts: Hosts, trust: ssl.SSLContext) -> None:
    """Have a server take a message for all of its recipients, or for none."""
    server = server._replace(host=known_host(server.host))
    try:
        async with asyncio.timeout(_SECONDS), _session(mail, server, hosts, trust) as session:
            await session.mail(mail.sender)
            for recipient in mail.recipients:
                await session.rcpt(recipient)
            await session.data(mail.content)
            with suppress(SMTPException):  # it has the message
                await session.quit()
    except TimeoutError as exc:
        told = f"{_place(server)} did not take the message within {_SECONDS:g} s"
        raise RunFailure("TimeoutError", told) from exc
    except SMTPResponseException as exc:
        told = f"{_place(server)} refused with {exc.code}: {quoted(exc.message)}"
        raise RunFailure("HttpError", told, {"code": exc.code}) from exc
    except RunFailure as exc:
        raise RunFailure(exc.type, exc.message, {"code": None}) from exc
    except (SMTPException, OSError, ValueError) as exc:
        raise RunFailure("HttpError", _told(exc, server), {"code": None}) from exc


@asynccontextmanager
async def _session(
    mail: Mail, server: MailServer, hosts: Hosts, trust: ssl.SSLContext
) -> AsyncIterator[SMTP]:
    addresses = await hosts.addresses(server.host)
    try:
        sock = await connected(addresses, server.port)
    except TimeoutError:
        raise
    except OSError as exc:
        raise unreachable(server.host, server.port, exc) from exc
    session = SMTP(
        hostname=server.host,
        sock=sock,
        username=server.username or None,
        password=server.password or None,
        local_hostname=mail.sender.rpartition("@")[2],  # its default tells the pod's name
        use_tls=server.implicit_tls,
        start_tls=not server.implicit_tls,
        tls_context=trust,
        timeout=None,
    )
    try:
        await session.connect()
        yield session
    finally:
        session.close()


def _place(server: MailServer) -> str:
    return f"the mail server {server.host}:{server.port}"


def _told(exc: Exception, server: MailServer) -> str:
    if any(isinstance(each, ssl.SSLError) for each in (exc, exc.__cause__, exc.__context__)):
        return f"no TLS with {_place(server)} that can be trusted"
    if "STARTTLS" in str(exc):
        return f"{_place(server)} offers no STARTTLS"
    if "AUTH" in str(exc).upper():
        return f"{_place(server)} offers no login"
    return f"the connection to {_place(server)} broke off"
