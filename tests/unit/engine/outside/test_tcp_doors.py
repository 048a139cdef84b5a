"""Check Port and TLS Certificate against real servers."""

import asyncio
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dragops.engine.outside.doors import Doors
from dragops.engine.outside.egress import read_policy
from dragops.errors import RunFailure
from dragops.nodes.network import check_port, tls_certificate
from support.certificates import DAY, Authority
from support.context import RecordingContext
from support.http_door import Answers, door
from support.web_peer import web_peer

NOW = datetime.now(UTC)


@dataclass
class Today(RecordingContext):
    """The test context with this machine's clock, as certificates have it."""

    def now(self) -> datetime:
        return NOW


def reaching(doors: Doors | None = None) -> Today:
    """Give a context with real doors."""
    return Today(outside=doors or door())


class Unknown(Answers):
    async def __call__(self, name: str) -> list[str]:
        raise OSError(-2, name)


async def test_an_open_port_is_open() -> None:
    """With the time that it took."""
    async with web_peer() as peer:
        found = await check_port(reaching(), "peer.test", peer.port)

    assert (found.open, found.reason) == (True, "")
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 5000
    assert peer.received == []


async def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert await check_port(reaching(), "127.0.0.1", port) == (False, None, "refused")


async def test_a_name_that_is_not_there_is_dns() -> None:
    doors = Doors(read_policy(""), Unknown(""))

    assert await check_port(reaching(doors), "gone.test", 80) == (False, None, "dns")


async def test_no_answer_in_time_is_a_timeout() -> None:
    """A full backlog drops what comes: as a firewall does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        await asyncio.sleep(0.05)
        found = await check_port(reaching(), "127.0.0.1", port, 0.3)
        for each in waiting:
            each.close()

    assert found == (False, None, "timeout")


async def test_what_the_policy_refuses_is_a_failure() -> None:
    """Else a pattern could look which ports of the cluster are open."""
    async with web_peer() as peer:
        for tried in (check_port, tls_certificate):
            with pytest.raises(RunFailure, match="egress policy") as caught:
                await tried(reaching(door(allowed="")), "127.0.0.1", peer.port)
            assert caught.value.type == "HttpError"

    assert peer.connections == 0


@pytest.mark.parametrize("port", [0, -1, 65_536])
async def test_a_port_is_1_to_65535(port: int) -> None:
    for tried in (check_port, tls_certificate):
        with pytest.raises(RunFailure, match=f"pin port is {port}: use 1 to 65535"):
            await tried(reaching(), "a.test", port)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One that this process trusts, as an image with another bundle would."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


async def test_a_good_certificate_is_shown(authority: Authority) -> None:
    tls = authority.server("peer.test", "*.peer.test", "127.0.0.1", ends=NOW + 3 * DAY)
    async with web_peer(tls=tls) as peer:
        by_name = await tls_certificate(reaching(), "peer.test", peer.port)
        by_address = await tls_certificate(reaching(), "127.0.0.1", peer.port)

    assert by_name == by_address
    assert (by_name.valid, by_name.reason) == (True, "")
    assert by_name.subject == "CN=peer.test,O=Tests\\, Inc."
    assert by_name.issuer == "CN=Authority,O=Tests\\, Inc."
    assert by_name.names == ["peer.test", "*.peer.test", "127.0.0.1"]
    assert by_name.not_after == (NOW + 3 * DAY).replace(microsecond=0)
    assert by_name.not_before < NOW
    assert by_name.days_left == 2


@pytest.mark.parametrize(
    ("host", "begins", "ends", "reason", "days_left"),
    [
        ("peer.test", -20 * DAY, -2 * DAY, "expired", -3),
        ("peer.test", -20 * DAY, -timedelta(hours=1), "expired", -1),
        ("peer.test", DAY, 20 * DAY, "notYetValid", 19),
        ("other.test", -DAY, 20 * DAY, "hostname", 19),
        ("127.0.0.1", -DAY, 20 * DAY, "hostname", 19),
    ],
)
async def test_a_bad_certificate_is_shown_with_what_is_wrong(
    authority: Authority,
    host: str,
    begins: timedelta,
    ends: timedelta,
    reason: str,
    days_left: int,
) -> None:
    """Days are rounded down."""
    tls = authority.server("peer.test", begins=NOW + begins, ends=NOW + ends)
    async with web_peer(tls=tls) as peer:
        found = await tls_certificate(reaching(), host, peer.port)

    assert (found.valid, found.reason, found.days_left) == (False, reason, days_left)
    assert found.subject == "CN=peer.test,O=Tests\\, Inc."


async def test_a_certificate_of_a_stranger_is_untrusted(tmp_path: Path) -> None:
    async with web_peer(tls=Authority(tmp_path).server("peer.test")) as peer:
        found = await tls_certificate(reaching(), "peer.test", peer.port)

    assert (found.valid, found.reason) == (False, "untrusted")


async def test_no_tls_is_an_http_error() -> None:
    async with web_peer() as peer:
        with pytest.raises(RunFailure, match=f"no TLS with 127.0.0.1:{peer.port}") as caught:
            await tls_certificate(reaching(), "127.0.0.1", peer.port)

    assert caught.value.type == "HttpError"


async def test_nobody_there_is_an_http_error() -> None:
    """Without the address that the name has."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RunFailure) as caught:
        await tls_certificate(reaching(), "inner.test", port)

    assert caught.value.message == f"inner.test:{port} cannot be reached: Connection refused"


async def test_a_server_that_is_silent_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(RunFailure) as caught:
        await tls_certificate(reaching(), "127.0.0.1", silent.getsockname()[1], 0.2)

    assert caught.value.type == "TimeoutError"
