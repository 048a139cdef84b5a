"""Redirects: where they may lead, how many of them, and what goes along."""

import asyncio

import pytest

from support.http_door import Answers, door, failure_of, get
from support.web_peer import answer, redirect, web_peer


async def test_a_redirect_is_judged_again() -> None:
    """The same name, and another address by now."""
    names = Answers("127.0.0.1", "127.0.0.2")
    async with (
        web_peer(redirect("/again")) as good,
        web_peer(host="127.0.0.2", port=good.port) as bad,
    ):
        failed = await failure_of(good.url(host="rebinds.test"), door("127.0.0.1", names))

    assert "egress policy" in failed.message
    assert len(names.asked) == 2
    assert bad.connections == 0


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("http://127.0.0.2:{port}/", "egress policy"),
        ("//127.0.0.2:{port}/", "egress policy"),
        ("http://[::ffff:127.0.0.2]:{port}/", "egress policy"),
        ("http://2130706434:{port}/", "is no host"),
        ("http://127.2:{port}/", "is no host"),
        ("http://169.254.169.254/latest/meta-data/", "egress policy"),
        ("file:///etc/passwd", "no absolute URL"),
        ("file://localhost/etc/passwd", "neither http nor https"),
        ("gopher://127.0.0.1:{port}/", "neither http nor https"),
        ("http:///", "more than 5 redirects"),
        ("http://127.0.0.1:99999/", "no URL"),
        ("https://127.0.0.1:{port}/", "TLS"),
    ],
)
async def test_a_redirect_leads_to_no_other_kind_of_place(location: str, told: str) -> None:
    """Whatever a server says, only HTTP is spoken, and only with allowed addresses."""

    async def lead(writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        writer.write(redirect(location.format(port=port)))

    async with web_peer(lead) as peer, web_peer(host="127.0.0.2", port=peer.port) as other:
        failed = await failure_of(peer.url(), door("127.0.0.1"))

    assert failed.type == "HttpError"
    assert told in failed.message
    assert other.connections == 0


async def test_five_redirects_are_followed_and_no_sixth() -> None:
    """A loop ends, too."""
    async with web_peer(*[redirect("/next")] * 5, answer(200, b"there")) as peer:
        assert (await door().send(get(peer.url()))).body == b"there"
    async with web_peer(redirect("/loop")) as peer:
        failed = await failure_of(peer.url())

    assert failed.type == "HttpError"
    assert "more than 5 redirects" in failed.message
    assert len(peer.received) == 6


async def test_a_redirect_can_be_the_answer() -> None:
    """Where it is not to be followed, whatever it says."""
    async with web_peer(redirect("file:///etc/passwd")) as peer:
        response = await door().send(get(peer.url(), follow_redirects=False))

    assert response.status == 302
    assert response.headers["location"] == "file:///etc/passwd"


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
    ],
)
async def test_a_redirect_goes_on_with_its_method(status: int, method: str, then: str) -> None:
    """303, and 301 or 302 after POST, go on with GET and without a body."""
    body = None if method == "HEAD" else b"data"
    async with web_peer(redirect("/there", status), answer()) as peer:
        headers = {"Content-Type": "text/csv", "X-Kept": "1"}
        await door().send(get(peer.url("/here"), method, body=body, headers=headers))

    first, second = peer.received
    assert (first.line, second.line) == (f"{method} /here HTTP/1.1", f"{then} /there HTTP/1.1")
    assert second.headers["x-kept"] == "1"
    if then == "GET":
        assert second.body == b""
        assert "content-type" not in second.headers
    else:
        assert second.body == (body or b"")


async def test_what_is_for_one_origin_stays_there() -> None:
    """A redirect to another one drops Authorization and Cookie; within one they go along."""
    told = {"Authorization": "Bearer t", "COOKIE": "a=b", "Host": "x.test", "X-Kept": "1"}
    async with web_peer() as other, web_peer(redirect("/b"), redirect(other.url("/c"))) as peer:
        await door().send(get(peer.url(), headers=told))

    assert [each.headers.get("authorization") for each in peer.received] == ["Bearer t"] * 2
    assert [each.headers.get("host") for each in peer.received] == ["x.test"] * 2
    sent = other.received[0].headers
    assert sent.keys().isdisjoint({"authorization", "cookie"})
    assert (sent["x-kept"], sent["host"]) == ("1", f"127.0.0.1:{other.port}")


async def test_redirects_have_one_time_together() -> None:
    """Each of them slow, and none too slow alone."""

    async def lead(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(redirect("/next"))

    async with web_peer(lead) as peer:
        assert (await failure_of(peer.url(), timeout_seconds=0.4)).type == "TimeoutError"


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ("/é?ü".encode(), "GET /%C3%A9?%C3%BC HTTP/1.1"),
        ("/é".encode("latin-1"), "GET /%C3%A9 HTTP/1.1"),
        (b"../b c", "GET /b%20c HTTP/1.1"),
        (b"?q=%2F", "GET /a/b?q=%2F HTTP/1.1"),
    ],
)
async def test_a_redirect_is_read_as_servers_write_them(location: bytes, line: str) -> None:
    """Relative, with blanks, in UTF-8 or Latin-1."""
    raw = b"HTTP/1.1 302 Said\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    async with web_peer(raw, answer()) as peer:
        await door().send(get(peer.url("/a/b")))

    assert peer.lines[1] == line
