"""The doors to the world outside: what nodes may ask of other machines, and what comes back.

A node finds them at its context, ``ctx.outside``. ``dragops.engine.outside`` opens them for real,
under the installation's egress policy; whatever goes wrong there is a RunFailure.
"""

from collections.abc import Mapping
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


class Outside(Protocol):
    """Everything that nodes can reach."""

    async def send(self, request: Request) -> Response:
        """Send a request once; any status is an answer.

        Raises HttpError (unreachable, TLS, refused by the egress policy, too many redirects),
        TimeoutError, and LimitError for an answer that is too large.
        """
