"""Messages as mail servers take them; nothing that is given begins a header of its own."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes.convert import conversion_error, quoted, to_object, to_string
from dragops.nodes.limits import BYTES_MAX, limit_error

_POLICY = SMTP.clone(cte_type="7bit")
"""Not every server takes more than ASCII."""
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TYPE = re.compile(r"([\w.+-]+)/([\w.+-]+)", re.ASCII)
_ADDRESSES_MAX = 64 * 1024
_QUOTES_MAX = 1_000
"""The library takes the square of them: half a minute for 60,000."""
_NO_ADDRESSES = (ValueError, LookupError, AttributeError, TypeError, NameError, RecursionError)
"""What the library raises where a text is malformed in a way that it did not expect."""


class Mailbox(NamedTuple):
    """Somebody who sends or gets a message."""

    shown: str
    """With a name, as headers have it."""
    address: str

    @property
    def domain(self) -> str:
        """Give what stands behind the last @."""
        return self.address.rpartition("@")[2]


class Letter(NamedTuple):
    """A message before it is written."""

    sender: Mailbox
    to: list[Mailbox]
    cc: list[Mailbox]
    reply_to: list[Mailbox]
    subject: str
    text: str
    html: str
    attachments: list[Any]


class _File(NamedTuple):
    name: str
    kind: str
    content: bytes


def mailboxes(value: Any, pin: str) -> list[Mailbox]:
    """Read addresses, an Array or a text with commas; ParseError for what is none."""
    texts = [to_string(each, pin) for each in (value if isinstance(value, list) else [value])]
    if sum(map(len, texts)) > _ADDRESSES_MAX:
        raise limit_error("the addresses of an e-mail are 64 KiB long")
    if sum(text.count('"') for text in texts) > _QUOTES_MAX:
        raise limit_error(f"the addresses of an e-mail hold {_QUOTES_MAX} quotes")
    return [box for text in texts for box in _in_text(text, pin)]


def checked_subject(subject: str) -> str:
    """Give a subject back; ParseError for a line end in it."""
    if _CONTROLS.search(subject):
        raise RunFailure("ParseError", "pin subject: it holds a line end or the like")
    return subject


def message(letter: Letter, message_id: str, now: datetime) -> bytes:
    """Write a message; ParseError for a line end in its subject, LimitError above 10 MiB."""
    checked_subject(letter.subject)
    files = [_file(each, f"attachments[{n}]") for n, each in enumerate(letter.attachments)]
    size = sum(len(file.content) for file in files) * 4 // 3 + len(letter.text) + len(letter.html)
    if size > BYTES_MAX:
        raise limit_error("an e-mail holds 10 MiB")
    made = EmailMessage(policy=_POLICY)
    made["From"] = letter.sender.shown
    for name, boxes in (("To", letter.to), ("Cc", letter.cc), ("Reply-To", letter.reply_to)):
        if boxes:
            made[name] = ", ".join(box.shown for box in boxes)
    made["Subject"], made["Date"], made["Message-ID"] = (
        letter.subject,
        format_datetime(now),
        message_id,
    )
    _fill(made, letter, files)
    written = made.as_bytes()
    if len(written) > BYTES_MAX:
        raise limit_error("an e-mail holds 10 MiB")
    return written


def _fill(made: EmailMessage, letter: Letter, files: list[_File]) -> None:
    if letter.text or not letter.html:
        made.set_content(letter.text)
        if letter.html:
            made.add_alternative(letter.html, subtype="html")
    else:
        made.set_content(letter.html, subtype="html")
    for file in files:
        family, _, kind = file.kind.partition("/")
        made.add_attachment(file.content, maintype=family, subtype=kind, filename=file.name)


def _in_text(text: str, pin: str) -> list[Mailbox]:
    if not text.strip():
        return []
    if _CONTROLS.search(text):
        raise _bad(text, pin)
    try:
        read: Any = _POLICY.header_factory("To", text)
        boxes = [Mailbox(str(each), each.addr_spec) for each in read.addresses]
    except _NO_ADDRESSES as exc:
        raise _bad(text, pin) from exc
    if read.defects or not all(_ADDRESS.fullmatch(box.address) for box in boxes):
        raise _bad(text, pin)
    return boxes


def _bad(text: str, pin: str) -> RunFailure:
    return RunFailure("ParseError", f"pin {pin}: {quoted(text)} is no list of e-mail addresses")


def _file(given: Any, place: str) -> _File:
    file = to_object(given, place)
    content = file.get("content")
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    if not isinstance(content, bytes):
        raise conversion_error(content, "String or Binary", f"{place}.content")
    name = _CONTROLS.sub("", to_string(file.get("filename"), place)) or "attachment"
    said = to_string(file.get("contentType"), place).partition(";")[0].strip()
    # a part that says that it has parts of its own cannot be sent as bytes
    is_plain = _TYPE.fullmatch(said) and not said.lower().startswith(("message/", "multipart/"))
    return _File(name, said if is_plain else "application/octet-stream", content)
