"""The HTTP door against real servers: what is sent, what comes back, and what is refused."""

import asyncio
import gzip
import resource
import socket
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dragops.nodes.outside import Response
from support.certificates import DAY, Authority
from support.http_door import LOCAL, Answers, door, failure_of, get
from support.web_peer import answer, web_peer


async def test_a_request_goes_out_as_it_is_written() -> None:
    """What is encoded in its URL stays so, what must be is encoded, a fragment stays here."""
    async with web_peer(answer(201, b"made", X_Id="7", Content_Type="text/plain")) as peer:
        response = await door().send(
            get(
                peer.url("/a%2Fb/é x?q=%41&r=a+b|c#top"),
                "PUT",
                headers={"X-Who": "me", "content-type": "text/csv"},
                body=b"a,b",
            )
        )

    sent = peer.received[0]
    assert sent.line == "PUT /a%2Fb/%C3%A9%20x?q=%41&r=a+b%7Cc HTTP/1.1"
    assert sent.body == b"a,b"
    assert sent.headers == {
        "host": f"127.0.0.1:{peer.port}",
        "user-agent": "DragOps",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "x-who": "me",
        "content-type": "text/csv",
        "content-length": "3",
        "connection": "close",
    }
    headers = {"content-length": "4", "x-id": "7", "content-type": "text/plain"}
    assert response == Response(201, headers, b"made")


async def test_the_author_has_the_last_word_on_headers() -> None:
    """In whatever case they are written."""
    async with web_peer() as peer:
        await door().send(get(peer.url(), headers={"USER-AGENT": "x", "accept": "text/html"}))

    sent = peer.received[0].headers
    assert (sent["user-agent"], sent["accept"]) == ("x", "text/html")


async def test_credentials_of_a_url_become_a_header() -> None:
    """They are no part of what is asked for; a header that is there already wins."""
    async with web_peer() as peer:
        url = peer.url("/a", host="u%40x:p%3Aw@127.0.0.1")
        await door().send(get(url))
        await door().send(get(url, headers={"authorization": "Bearer t"}))

    assert [each.line for each in peer.received] == ["GET /a HTTP/1.1"] * 2
    sent = [each.headers["authorization"] for each in peer.received]
    assert sent == ["Basic dUB4OnA6dw==", "Bearer t"]


async def test_any_status_is_an_answer() -> None:
    """Whether a node fails on it is the node's affair."""
    async with web_peer(answer(503, b"no", Retry_After="3")) as peer:
        response = await door().send(get(peer.url()))

    assert (response.status, response.body) == (503, b"no")
    assert response.headers["retry-after"] == "3"


async def test_no_cookie_is_kept_and_no_connection() -> None:
    """One run's session must not become another one's."""
    async with web_peer(answer(200, Set_Cookie="session=secret")) as peer:
        doors = door()
        await doors.send(get(peer.url()))
        await doors.send(get(peer.url()))

    assert "cookie" not in peer.received[1].headers
    assert peer.connections == 2


async def test_a_request_is_never_repeated() -> None:
    """A server that hangs up has seen it once."""
    async with web_peer(_hang_up) as peer:
        failed = await failure_of(peer.url())

    assert failed.type == "HttpError"
    assert "broke off" in failed.message
    assert len(peer.received) == 1


async def test_repeated_headers_are_joined() -> None:
    """Names in lower case."""
    async with web_peer(answer(200, X_A="1", x_a="2")) as peer:
        response = await door().send(get(peer.url()))

    assert response.headers["x-a"] == "1, 2"


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would connect to addresses that nobody has judged."""
    async with web_peer(answer(200, b"proxy")) as proxy, web_peer(answer(200, b"peer")) as peer:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        response = await door().send(get(peer.url()))

    assert response.body == b"peer"
    assert proxy.received == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127.0.0.1.",
        "inner.test",
        "u:p@127.0.0.1",
    ],
)
async def test_this_machine_is_out_of_bounds_however_it_is_written(host: str) -> None:
    """No connection is made, and no message tells an address that was not in the URL."""
    async with web_peer() as peer:
        failed = await failure_of(peer.url(host=host), door(allowed=""))

    assert failed.type == "HttpError"
    assert "egress policy" in failed.message or "is no host" in failed.message
    assert peer.connections == 0


async def test_a_name_is_looked_up_once_and_that_address_is_used() -> None:
    """A name server that answers otherwise the second time (DNS rebinding) gains nothing."""
    names = Answers("127.0.0.1", "127.0.0.2")
    async with web_peer() as good, web_peer(host="127.0.0.2", port=good.port) as bad:
        response = await door("127.0.0.1", names).send(get(good.url(host="rebinds.test")))

    assert response.status == 200
    assert names.asked == ["rebinds.test."]
    assert good.received[0].headers["host"] == f"rebinds.test:{good.port}"
    assert bad.connections == 0


@pytest.mark.parametrize(
    "url",
    ["a.test", "/a", "ftp://a.test/", "http://", "http://a.test:x/", "http://a\r\nb.test/", ""],
)
async def test_only_absolute_urls_of_http_are_asked(url: str) -> None:
    """Line ends in them are not passed over either."""
    assert (await failure_of(url)).type == "HttpError"


async def test_a_header_cannot_begin_another_one() -> None:
    """The node refuses it first; the door would, too."""
    async with web_peer() as peer:
        failed = await failure_of(peer.url(), headers={"X-A": "1\r\nX-B: 2"})

    assert failed.type == "HttpError"
    assert peer.received == []


@pytest.mark.parametrize("slow", ["silent", "headers", "body"])
async def test_the_whole_answer_must_come_in_time(slow: str) -> None:
    """A server that sends a little now and then does not hold a run."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        if slow != "silent":
            writer.write(b"HTTP/1.1 200 OK\r\n")
        if slow == "body":
            writer.write(b"Content-Length: 1000\r\n\r\n")
        while True:
            if slow != "silent":
                writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with web_peer(drip) as peer:
        failed = await failure_of(peer.url(), timeout_seconds=0.2)

    assert failed.type == "TimeoutError"
    assert "0.2 s" in failed.message


async def test_a_name_service_that_is_silent_is_a_timeout() -> None:
    """Its time counts."""

    class Silent(Answers):
        async def __call__(self, name: str) -> list[str]:
            await asyncio.sleep(60)
            return await super().__call__(name)

    failed = await failure_of("http://a.test/", door(LOCAL, Silent("")), timeout_seconds=0.1)

    assert failed.type == "TimeoutError"


async def test_an_answer_ends_at_10_mib() -> None:
    """Exactly 10 MiB are taken; one byte more is a LimitError, said beforehand or not."""
    most = 10 * 2**20

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 2**16)
            await writer.drain()

    async with web_peer(answer(200, b"x" * most), answer(200, b"x" * (most + 1)), endless) as peer:
        assert len((await door().send(get(peer.url()))).body) == most
        failures = [await failure_of(peer.url()) for _ in range(2)]

    assert [each.type for each in failures] == ["LimitError", "LimitError"]


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_packed_answer_is_unpacked(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """As it was asked for."""
    packed = answer(200, pack(b"hello"), Content_Encoding=encoding)
    async with web_peer(packed) as peer:
        assert (await door().send(get(peer.url()))).body == b"hello"


async def test_a_bomb_is_defused_before_it_fills_the_memory() -> None:
    """256 KiB that stand for 256 MiB end at 10 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**24)) for _ in range(16)) + packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with web_peer(answer(200, bomb, Content_Encoding="gzip")) as peer:
        failed = await failure_of(peer.url())

    assert failed.type == "LimitError"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\nnot gzip!",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_an_http_error(raw: bytes) -> None:
    """And nothing else, whatever a server sends."""
    async with web_peer(raw) as peer:
        failed = await failure_of(peer.url())

    assert failed.type == "HttpError"
    assert f"http://127.0.0.1:{peer.port}" in failed.message


async def test_nobody_there_is_an_http_error() -> None:
    """Without the address that a name has."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    failed = await failure_of(f"http://inner.test:{port}/")

    assert failed.type == "HttpError"
    assert failed.message == f"http://inner.test:{port} cannot be reached: Connection refused"


async def test_a_name_that_is_not_there_is_an_http_error() -> None:
    """Named as it was written."""

    class Nothing(Answers):
        async def __call__(self, name: str) -> list[str]:
            raise OSError(-2, name)

    failed = await failure_of("http://gone.test/", door(LOCAL, Nothing("")))

    assert (failed.type, failed.message) == ("HttpError", "the host 'gone.test' was not found")


async def test_a_certificate_must_be_good(tmp_path: Path) -> None:
    """Of an authority that is trusted; unless the node says otherwise."""
    tls = Authority(tmp_path).server("peer.test")
    async with web_peer(answer(200, b"seen"), tls=tls) as peer:
        url = peer.url(host="peer.test", scheme="https")
        failed = await failure_of(url)
        response = await door().send(get(url, verify_tls=False))

    assert failed.type == "HttpError"
    assert failed.message.startswith(f"the certificate of https://peer.test:{peer.port} is refused")
    assert response.body == b"seen"


@pytest.mark.parametrize(
    ("host", "days", "told"),
    [
        ("peer.test", 2, ""),
        ("peer.test", -2, "certificate has expired"),
        ("other.test", 2, "Hostname mismatch"),
        ("127.0.0.1", 2, "IP address mismatch"),
    ],
)
async def test_a_certificate_must_be_in_force_and_of_that_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, told: str
) -> None:
    """Even if its authority is trusted; what is wrong is said."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    now = datetime.now(UTC)
    tls = authority.server("peer.test", begins=now - 9 * DAY, ends=now + days * DAY)
    async with web_peer(answer(200, b"seen"), tls=tls) as peer:
        url = peer.url(host=host, scheme="https")
        if told:
            failed = await failure_of(url)
            assert (failed.type, told in failed.message) == ("HttpError", True)
            assert peer.received == []
        else:
            assert (await door().send(get(url))).body == b"seen"


async def test_no_tls_at_all_is_an_http_error() -> None:
    """Https to a port that speaks http."""
    async with web_peer() as peer:
        failed = await failure_of(peer.url(scheme="https"))

    assert (failed.type, failed.message) == (
        "HttpError",
        f"no TLS with https://127.0.0.1:{peer.port}",
    )


async def test_a_request_body_ends_at_10_mib() -> None:
    """One byte more is not sent."""
    async with web_peer() as peer:
        failed = await failure_of(peer.url(), method="POST", body=bytes(10 * 2**20 + 1))

    assert failed.type == "LimitError"
    assert peer.connections == 0


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
