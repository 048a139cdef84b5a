"""The doors to the world outside: what nodes may ask of other machines, and what comes back.

A node finds them at its context, ``ctx.outside``. ``dragops.engine.outside`` opens them for real,
under the installation's egress policy; whatever goes wrong there is a RunFailure.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """One HTTP request; its headers have no line ends, and name their body's type themselves."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout_seconds: float
    """For all of it: names, connections, redirects, the whole answer."""
    follow_redirects: bool = True
    verify_tls: bool = True


class Response(NamedTuple):
    """What the last server of the way answered."""

    status: int
    headers: dict[str, str]
    """Names in lower case, repeated ones joined by a comma."""
    body: bytes


class Records(NamedTuple):
    """Records of a name, as zone files write them, sorted."""

    texts: list[str]
    ttl: int


class Probe(NamedTuple):
    """Whether a port took a connection; ``reason`` is empty, or why it did not."""

    latency_ms: float | None
    reason: str


class Certificate(NamedTuple):
    """A server's certificate; ``reason`` is empty, or why it is not trusted."""

    reason: str
    subject: str
    issuer: str
    names: list[str]
    not_before: datetime
    not_after: datetime


class Mail(NamedTuple):
    """A message as it is sent, and its envelope."""

    sender: str
    recipients: list[str]
    content: bytes


class MailServer(NamedTuple):
    """Who takes messages; without ``implicit_tls`` a connection turns to TLS before all else."""

    host: str
    port: int
    implicit_tls: bool
    username: str
    password: str


class Outside(Protocol):
    """Everything that nodes can reach."""

    async def send(self, request: Request) -> Response:
        """Send a request once; any status is an answer.

        Raises HttpError (unreachable, TLS, refused by the egress policy, too many redirects),
        TimeoutError, and LimitError for an answer that is too large.
        """

    async def records(self, name: str, kind: str, timeout_seconds: float) -> Records | None:
        """Ask the name service for records of a kind; None when there are none.

        Raises HttpError (the service failed, refused by the egress policy) and TimeoutError.
        """

    async def probe(self, host: str, port: int, timeout_seconds: float) -> Probe:
        """Connect by TCP and hang up; raises HttpError only for what the policy refuses."""

    async def certificate(self, host: str, port: int, timeout_seconds: float) -> Certificate:
        """Get a server's certificate, good or not; raises HttpError and TimeoutError."""

    async def deliver(self, mail: Mail, server: MailServer) -> None:
        """Hand a message to a server for all who get it; raises HttpError and TimeoutError.

        HttpError's data is {code}: what the server answered, null when it did not.
        """
