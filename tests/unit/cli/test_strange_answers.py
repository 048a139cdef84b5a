"""What answers is not always DragOps: each time one sentence, where, what to do, and a code."""

from pathlib import Path

import pytest

from support.command import Command
from support.one_answer import http, one_answer
from support.processes import free_port

HTML = ("Content-Type: text/html",)
JSON = ("Content-Type: application/json",)
STRANGE = [
    (http("200 OK", b"<html>Log in</html>", *HTML), 5, "answered 200 (text/html) is no DragOps"),
    (http("502 Bad Gateway", b"<html>", *HTML), 5, "answered 502 (text/html): DragOps is not"),
    (http("503 No", b"{}", *JSON), 5, "answered 503 (application/json)"),
    (http("404 Not Found", b"nginx", "Content-Type: text/plain"), 5, "no DragOps API"),
    (http("302 Found", b"", "Location: https://sso.example.com/"), 5, "on to https://sso.exam"),
    (http("200 OK", b'{"success": true, "data": {"engi', *JSON), 5, "or was cut short"),
    (http("200 OK", b'{"success": true, "data": {"engi', *JSON)[:-9], 5, "broke"),
    (http("200 OK", b"[" * 5000, *JSON), 5, "no DragOps API"),
    (http("200 OK", b"", *JSON), 5, "no DragOps API"),
    (http("200 OK", b"[]", *JSON), 5, "no DragOps API"),
    (http("204 No Content", b""), 5, "no DragOps API"),
    (http("401 Unauthorized", b'{"error": "no"}', *JSON), 5, "answered 401"),
    (b"", 5, "broke"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", 5, "broke"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: twelve\r\n\r\n", 5, "cut short"),
    (http("403 Forbidden", b'{"success": false, "error": {}}', *JSON), 4, "API answered 403"),
    (
        http("429 Slow", b'{"success": false, "error": {"code": "RATE_LIMITED"}}', *JSON),
        5,
        "(RATE_LIMITED)",
    ),
]


@pytest.mark.parametrize(("raw", "code", "told"), STRANGE)
def test_an_answer_that_is_none_is_told_with_its_place(
    alone: Command, raw: bytes, code: int, told: str
) -> None:
    """Never a trace, never a guess."""
    with one_answer(raw) as url:
        ran = alone("health", "--url", url, "--token", "t")

    assert ran.code == code
    assert told in ran.err
    assert f"  at: GET {url}/api/deployments/health/summary" in ran.err
    assert "Traceback" not in ran.err + ran.out
    assert ran.out == ""


def test_an_address_that_nobody_listens_at_is_told(alone: Command) -> None:
    """Exit code 5: what is away may come back."""
    port = free_port()

    ran = alone("whoami", "--url", f"http://127.0.0.1:{port}", "--token", "t")

    assert ran.code == 5
    assert ran.err.startswith(f"Error: 127.0.0.1:{port} takes no connections: Connection refused")
    assert "  do: to see what is wrong: dragops doctor" in ran.err


def test_a_plain_server_behind_https_is_told(alone: Command) -> None:
    """The commonest slip with an address."""
    with one_answer(http("200 OK", b"{}", *JSON)) as url:
        ran = alone("whoami", "--url", url.replace("http:", "https:"), "--token", "t")

    assert ran.code == 5
    assert "speaks no TLS" in ran.err


def test_a_proxy_of_the_environment_is_used_and_blamed(alone: Command) -> None:
    """HTTP_PROXY is for this command, too."""
    ran = alone(
        *("whoami", "--url", "http://dragops.example", "--token", "t"),
        http_proxy=f"http://127.0.0.1:{free_port()}",
    )

    assert ran.code == 5
    assert "the proxy of the environment" in ran.err


def test_an_authority_that_is_no_certificate_is_told(alone: Command, tmp_path: Path) -> None:
    """The file is named."""
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")

    ran = alone(
        *("login", "--url", "https://127.0.0.1:1", "--token", "t"),
        *("--certificate-authority", str(file)),
    )

    assert ran.code == 2
    assert str(file) in ran.err
