"""Send Email against a real SMTP server that speaks TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from dragops.errors import RunFailure
from dragops.nodes.mail import send_email
from support.certificates import Authority
from support.context import RecordingContext
from support.http_door import door

PASSWORD = "s3cret/word"
MESSAGE_ID = "<000102030405060708090a0b0c0d0e0f@team.test>"


@dataclass
class Post:
    """What a mail server has taken; `refuses` are addresses that it does not know."""

    port: int = 0
    refuses: tuple[str, ...] = ()
    taken: list[Envelope] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802  the server's name for it
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        answers: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.greetings.append(hostname)
        return answers

    async def handle_RCPT(  # noqa: N802  the same
        self, _s: SMTP, _e: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 nobody of that name"
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, _e: Session, envelope: Envelope) -> str:  # noqa: N802  the same
        self.taken.append(envelope)
        return "250 taken"

    def login(
        self, _s: SMTP, _e: Session, _envelope: Envelope, _how: str, given: LoginPassword
    ) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    def message(self) -> EmailMessage:
        (envelope,) = self.taken
        read = message_from_bytes(envelope.content, policy=default)
        assert isinstance(read, EmailMessage)
        return read


@asynccontextmanager
async def post_office(
    tls: ssl.SSLContext | None, *, implicit: bool = False, **post: Any
) -> AsyncIterator[Post]:
    """Serve SMTP on the loopback device."""
    office = Post(**post)

    def serving() -> SMTP:
        return SMTP(
            office,
            hostname="mail.test",
            tls_context=None if implicit else tls,
            require_starttls=bool(tls) and not implicit,
            authenticator=office.login,
            auth_require_tls=False,
        )

    loop = asyncio.get_running_loop()
    served = await loop.create_server(serving, "127.0.0.1", 0, ssl=tls if implicit else None)
    office.port = served.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        served.close()


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server that this process trusts."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority.server("mail.test")


def url(office: Post, *, scheme: str = "smtp", login: str = "", rest: str = "") -> str:
    return f"{scheme}://{login}mail.test:{office.port}{rest}"


async def send(url_: str, **pins: Any) -> str:
    """Run the node with real doors, and this secret as the server."""
    ctx = RecordingContext(outside=door(), secrets={"SMTP_URL": url_})
    given = {"to": "bo@x.test", "from_": "me@team.test", "subject": "Hi", "text": "Hello"}
    return await send_email(ctx, **(given | pins))


async def failure(url_: str, **pins: Any) -> RunFailure:
    with pytest.raises(RunFailure) as caught:
        await send(url_, **pins)
    return caught.value


async def test_a_message_is_delivered(tls: ssl.SSLContext) -> None:
    """To everybody, and nobody sees who got a blind copy."""
    async with post_office(tls) as office:
        message_id = await send(
            url(office),
            to='Zoë <zoe@x.test>, "Bo, Jr." <bo@x.test>',
            cc=["Al <al@y.test>", "bo@x.test"],
            bcc="secret@z.test",
            from_="The team <me@team.test>",
            reply_to="help@team.test",
            subject="Grüße",
            text="Hällo\n.\nend",
        )

    assert message_id == MESSAGE_ID
    envelope, message = office.taken[0], office.message()
    assert envelope.mail_from == "me@team.test"
    assert office.recipients == ["zoe@x.test", "bo@x.test", "al@y.test", "secret@z.test"]
    assert dict(message.items()) | {"Content-Type": "", "Content-Transfer-Encoding": ""} == {
        "From": "The team <me@team.test>",
        "To": 'Zoë <zoe@x.test>, "Bo, Jr." <bo@x.test>',
        "Cc": "Al <al@y.test>, bo@x.test",
        "Reply-To": "help@team.test",
        "Subject": "Grüße",
        "Date": "Thu, 05 Mar 2026 12:00:00 +0000",
        "Message-ID": MESSAGE_ID,
        "MIME-Version": "1.0",
        "Content-Type": "",
        "Content-Transfer-Encoding": "",
    }
    assert message.get_content().replace("\r\n", "\n") == "Hällo\n.\nend\n"
    assert office.greetings == ["team.test", "team.test"]


async def test_text_and_html_are_two_ways_to_read_one_message(tls: ssl.SSLContext) -> None:
    async with post_office(tls) as office:
        await send(url(office), html="<p>Hello</p>")

    message = office.message()
    assert message.get_content_type() == "multipart/alternative"
    parts = {part.get_content_type(): part.get_content().strip() for part in message.iter_parts()}
    assert parts == {"text/plain": "Hello", "text/html": "<p>Hello</p>"}


async def test_html_alone_is_the_message(tls: ssl.SSLContext) -> None:
    async with post_office(tls) as office:
        await send(url(office), text="", html="<p>Hello</p>")

    assert office.message().get_content_type() == "text/html"


async def test_attachments_go_along(tls: ssl.SSLContext) -> None:
    """As On Email gives them; what says that it has parts of its own goes as bytes."""
    files = [
        {"filename": "é.png", "contentType": "image/png", "size": 2, "content": b"\x89\r"},
        {"filename": "a.txt", "contentType": "text/plain; charset=utf-8", "content": "é"},
        {"contentType": "message/rfc822", "content": b"x"},
        {"filename": "a\r\nX: y", "contentType": "a/b\r\nX: y", "content": b""},
    ]
    async with post_office(tls) as office:
        await send(url(office), attachments=files)

    found = [
        (each.get_filename(), each.get_content_type(), each.get_payload(decode=True))
        for each in office.message().iter_attachments()
    ]
    assert found == [
        ("é.png", "image/png", b"\x89\r"),
        ("a.txt", "text/plain", "é".encode()),
        ("attachment", "application/octet-stream", b"x"),
        ("aX: y", "application/octet-stream", b""),
    ]


async def test_a_login_goes_over_tls_only(tls: ssl.SSLContext) -> None:
    """What is encoded in the URL is meant."""
    async with post_office(tls) as office:
        await send(url(office, login="me%40team.test:s3cret%2Fword@"))
        refused = await failure(url(office, login="me:wrong-one@"))

    assert office.logins[0] == ("me@team.test", PASSWORD)
    assert (refused.type, refused.data) == ("HttpError", {"code": 535})
    assert "wrong-one" not in refused.message


async def test_smtps_is_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    async with post_office(tls, implicit=True) as office:
        await send(url(office, scheme="smtps"))

    assert len(office.taken) == 1


@pytest.mark.parametrize(
    ("login", "rest"), [("", "?from=bot@team.test"), ("bot%40team.test:x@", "")]
)
async def test_the_server_can_say_who_sends(login: str, rest: str) -> None:
    """Or the name with which one logs in, if it is an address."""
    with pytest.raises(RunFailure, match="cannot be reached"):
        await send(f"smtp://{login}127.0.0.1:1/{rest}", from_="")
    with pytest.raises(RunFailure, match=r"^ParseError: pin from"):
        await send("smtp://bot:x@127.0.0.1:1/", from_="")


async def test_a_server_without_tls_gets_nothing(tls: ssl.SSLContext) -> None:
    """Neither a login nor a message."""
    async with post_office(None) as office:
        failed = await failure(url(office, login="me:pass@"))

    assert (failed.type, failed.data) == ("HttpError", {"code": None})
    assert failed.message == f"the mail server mail.test:{office.port} offers no STARTTLS"
    assert office.logins == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path, scheme: str) -> None:
    strange = Authority(tmp_path).server("mail.test")
    async with post_office(strange, implicit=scheme == "smtps") as office:
        failed = await failure(url(office, scheme=scheme, login="me:pass@"))

    assert failed.type == "HttpError"
    assert "no TLS with the mail server" in failed.message
    assert office.logins == []


async def test_one_refused_recipient_is_nobody_served(tls: ssl.SSLContext) -> None:
    """So a second try does not send twice."""
    async with post_office(tls, refuses=("gone@x.test",)) as office:
        failed = await failure(url(office), to="bo@x.test, gone@x.test")

    assert (failed.type, failed.data) == ("HttpError", {"code": 550})
    assert "nobody of that name" in failed.message
    assert office.taken == []


async def test_nobody_there_is_an_http_error() -> None:
    failed = await failure("smtp://mail.test:1")

    assert (failed.type, failed.data) == ("HttpError", {"code": None})
    assert failed.message == "mail.test:1 cannot be reached: Connection refused"


async def test_what_the_policy_refuses_is_not_reached() -> None:
    ctx = RecordingContext(outside=door(""), secrets={"SMTP_URL": "smtp://127.0.0.1:1"})

    with pytest.raises(RunFailure, match=r"^HttpError.*egress policy"):
        await send_email(ctx, to="bo@x.test", from_="me@team.test")


@pytest.mark.parametrize(
    ("pins", "pin"),
    [
        ({"to": ""}, "to"),
        ({"to": []}, "to"),
        ({"to": None}, "to"),
        ({"to": "bo"}, "to"),
        ({"to": "bo@x.test ann@x.test"}, "to"),
        ({"to": "bo@x.test\r\nBcc: evil@x.test"}, "to"),
        ({"to": ["bo@x.test\n"]}, "to"),
        ({"to": "=?utf-8?q?=0d=0aBcc:x=40y?= <a@x.test>"}, "to"),
        ({"to": "é@x.test"}, "to"),
        ({"to": {"a": 1}}, "to"),
        ({"to": "\\\\@"}, "to"),
        ({"to": "group:>;a(a@b.cb.cb.c"}, "to"),
        ({"to": ':"x",é.<%>a'}, "to"),
        ({"to": ' .;"x" \xa0@'}, "to"),
        ({"to": ")%é\xa0,<@[ "}, "to"),
        ({"to": "(" * 20_000}, "to"),
        ({"cc": "x"}, "cc"),
        ({"bcc": "x"}, "bcc"),
        ({"reply_to": "x"}, "replyTo"),
        ({"from_": "a@x.test, b@x.test"}, "from"),
        ({"from_": "me\r\n@x.test"}, "from"),
        ({"subject": "Hi\r\nBcc: evil@x.test"}, "subject"),
    ],
)
async def test_a_bad_address_or_a_line_end_is_a_parse_error(pins: dict[str, Any], pin: str) -> None:
    """Nothing that is given begins a header of its own, or breaks what reads it."""
    failed = await failure("smtp://127.0.0.1:1", **pins)

    assert failed.type == "ParseError"
    assert failed.message.startswith(f"pin {pin}: ")


@pytest.mark.parametrize(
    "pins",
    [
        {"to": [f"a{n}@x.test" for n in range(101)]},
        {"to": ["b@x.test"], "cc": [f"a{n}@x.test" for n in range(100)]},
        {"to": "a" * 70_000 + "@x.test"},
        {"to": ["a" * 700 + "@x.test"] * 100},
        {"to": '"' * 60_000},
        {"text": "x\n" * 6 * 2**20},
        {"attachments": [{"filename": "a", "content": bytes(8 * 2**20)}]},
    ],
    ids=["to", "cc", "address", "addresses", "quotes", "text", "attachment"],
)
async def test_an_email_has_its_limits(pins: dict[str, Any]) -> None:
    """100 recipients, 10 MiB."""
    assert (await failure("smtp://127.0.0.1:1", **pins)).type == "LimitError"


async def test_an_attachment_has_content() -> None:
    failed = await failure("smtp://127.0.0.1:1", attachments=[{"filename": "a"}])

    assert failed.type == "ConversionError"
    assert "attachments[0].content" in failed.message


@pytest.mark.parametrize("server", ["", "mail.test", "https://mail.test", "smtp://", "s3cret"])
async def test_a_secret_that_is_no_server_is_a_parse_error(server: str) -> None:
    """It is not shown."""
    failed = await failure(server)

    assert failed.type == "ParseError"
    assert "'SMTP_URL' is no URL such as smtp://user:password@host:587" in failed.message


async def test_a_secret_that_is_not_there_is_a_key_error() -> None:
    failed = await failure("smtp://127.0.0.1:1", server="OTHER_URL")

    assert (failed.type, "'OTHER_URL'" in failed.message) == ("KeyError", True)
