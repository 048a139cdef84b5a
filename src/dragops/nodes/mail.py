"""Send Email: a message, made of its parts, for the server that a secret names."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.convert import quoted
from dragops.nodes.limits import limit_error
from dragops.nodes.mail_message import Letter, Mailbox, checked_subject, mailboxes, message
from dragops.nodes.outside import Mail, MailServer
from dragops.nodes.urls import Url, read_url

category = Category("Network")

_RECIPIENTS_MAX = 100
_PORTS = {"smtp": 587, "smtps": 465}


def _fixed_addresses(pin: str, value: Any) -> Any:
    boxes = mailboxes(value, pin)
    if pin == "to" and not boxes:
        raise ValueError("there is no address")
    if pin == "from" and len(boxes) > 1:
        raise ValueError("give one address")
    return value


@category.node(
    'SendEmail impure (exec, to: Any!, subject: String = "", text: String = "",'
    ' html: String = "", cc: Any, bcc: Any, from: String = "", replyTo: String = "",'
    ' attachments: Array = []) [server: String = "SMTP_URL"] -> (exec, messageId: String)',
    checks={
        **{pin: partial(_fixed_addresses, pin) for pin in ("to", "cc", "bcc", "from", "replyTo")},
        "subject": checked_subject,
    },
)
async def send_email(
    ctx: Context,
    to: Any,
    subject: str = "",
    text: str = "",
    html: str = "",
    cc: Any = None,
    bcc: Any = None,
    from_: str = "",
    reply_to: str = "",
    attachments: list[Any] | None = None,
    server: str = "SMTP_URL",
) -> str:
    """Send an e-mail; a secret of the Environment names the server: `smtp://user:pass@host`.

    Addresses are an Array, or a text with commas; an attachment is {filename, contentType,
    content}. Without from, the sender is `?from=` of the server's URL, or its user.
    """
    url = _server_url(ctx, server)
    letter = Letter(
        sender=_sender(from_, url),
        to=mailboxes(to, "to"),
        cc=mailboxes(cc, "cc"),
        reply_to=mailboxes(reply_to, "replyTo"),
        subject=subject,
        text=text,
        html=html,
        attachments=attachments or [],
    )
    if not letter.to:
        raise RunFailure("ParseError", "pin to: there is no address")
    recipients = _recipients([*letter.to, *letter.cc, *mailboxes(bcc, "bcc")])
    message_id = f"<{ctx.random_bytes(16).hex()}@{letter.sender.domain}>"
    # a large one takes seconds to write, in which other runs go on
    content = await asyncio.to_thread(message, letter, message_id, ctx.now())
    await ctx.outside.deliver(Mail(letter.sender.address, recipients, content), _mail_server(url))
    return message_id


def _server_url(ctx: Context, name: str) -> Url:
    try:
        url = read_url(ctx.secrets[name])
    except KeyError:
        told = f"the deployment's Environment has no secret {quoted(name)}"
        raise RunFailure("KeyError", told) from None
    except ValueError:
        url = None
    if url is None or url.scheme not in _PORTS:
        told = f"the secret {quoted(name)} is no URL such as smtp://user:password@host:587"
        raise RunFailure("ParseError", told)
    return url


def _mail_server(url: Url) -> MailServer:
    return MailServer(
        url.host,
        url.port or _PORTS[url.scheme],
        url.scheme == "smtps",
        unquote(url.username),
        unquote(url.password),
    )


def _sender(from_: str, url: Url) -> Mailbox:
    default = parse_qs(url.query).get("from", [unquote(url.username)])[0]
    found = mailboxes(from_ or default, "from")
    if len(found) != 1:
        told = "pin from: give one address, or write ?from= into the server's URL"
        raise RunFailure("ParseError", told)
    return found[0]


def _recipients(boxes: Iterable[Mailbox]) -> list[str]:
    addresses = list(dict.fromkeys(box.address for box in boxes))
    if len(addresses) > _RECIPIENTS_MAX:
        raise limit_error(f"an e-mail has {_RECIPIENTS_MAX} recipients")
    return addresses
