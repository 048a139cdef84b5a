"""Who sent a webhook."""

import hmac

import pytest

from dragops.engine.signatures import signed_by
from dragops.model.deployment import Signature

SECRET, BODY, NOW = b"secret", b'{"a": 1}', 1_800_000_000.0
DRAGOPS, GITHUB = Signature(), Signature(scheme="github")
STRICT = Signature(require_timestamp=True)


def mac(text: bytes = BODY, secret: bytes = SECRET) -> str:
    return hmac.new(secret, text, "sha256").hexdigest()


def timed(seconds: str, secret: bytes = SECRET) -> dict[str, str]:
    signature = mac(seconds.encode() + b"." + BODY, secret)
    return {"x-webhook-signature": signature, "x-webhook-timestamp": seconds}


@pytest.mark.parametrize(
    ("signature", "headers", "expected"),
    [
        (DRAGOPS, {"x-webhook-signature": mac()}, True),
        (DRAGOPS, {"x-webhook-signature": mac().upper()}, True),
        (DRAGOPS, {"x-webhook-signature": f"sha256={mac()}"}, True),
        (DRAGOPS, {"x-webhook-signature": mac(secret=b"other")}, False),
        (DRAGOPS, {"x-webhook-signature": mac()[:-1]}, False),
        (DRAGOPS, {"x-webhook-signature": "\xe9" * 64}, False),
        (DRAGOPS, {"x-webhook-signature": ""}, False),
        (DRAGOPS, {"x-hub-signature-256": f"sha256={mac()}"}, False),
        (DRAGOPS, {}, False),
        (DRAGOPS, timed("1800000000"), True),
        (DRAGOPS, timed("1799999700"), True),
        (DRAGOPS, timed("1799999699"), False),
        (DRAGOPS, timed("1800000301"), False),
        (DRAGOPS, timed("1800000000123"), True),
        (DRAGOPS, timed("180000000"), False),
        (DRAGOPS, timed("1800000000.5"), False),
        (DRAGOPS, timed("-1800000000"), False),
        (DRAGOPS, timed("٣" * 10), False),
        (DRAGOPS, {"x-webhook-signature": mac(), "x-webhook-timestamp": "1800000000"}, False),
        (STRICT, {"x-webhook-signature": mac()}, False),
        (STRICT, timed("1800000000"), True),
        (GITHUB, {"x-hub-signature-256": f"sha256={mac()}"}, True),
        (GITHUB, {"x-hub-signature-256": mac()}, False),
        (GITHUB, {"x-hub-signature-256": f"sha256={mac(secret=b'other')}"}, False),
        (GITHUB, {"x-hub-signature": f"sha1={mac()}"}, False),
        (GITHUB, {"x-webhook-signature": mac()}, False),
    ],
)
def test_a_signature_is_good_or_not(
    signature: Signature, headers: dict[str, str], expected: bool
) -> None:
    """Hex in either case, with or without prefix for dragops; times within five minutes."""
    assert signed_by(signature, [SECRET], headers, BODY, now=NOW) == (0 if expected else None)


@pytest.mark.parametrize(
    ("signature", "headers"),
    [
        (DRAGOPS, {"x-webhook-signature": mac(secret=b"old")}),
        (DRAGOPS, timed("1800000000", secret=b"old")),
        (GITHUB, {"x-hub-signature-256": f"sha256={mac(secret=b'old')}"}),
    ],
)
def test_any_of_several_secrets_may_have_signed(
    signature: Signature, headers: dict[str, str]
) -> None:
    """The answer says which; without that secret the request is a stranger's."""
    assert signed_by(signature, [SECRET, b"old"], headers, BODY, now=NOW) == 1
    assert signed_by(signature, [b"old", SECRET], headers, BODY, now=NOW) == 0
    assert signed_by(signature, [SECRET], headers, BODY, now=NOW) is None
    assert signed_by(signature, [], headers, BODY, now=NOW) is None


@pytest.mark.parametrize("prefix", [b"1800000000.", b"1800000000000."])
def test_a_captured_timed_request_cannot_be_replayed_as_a_plain_one(prefix: bytes) -> None:
    """Its signature is good for "<time>.<body>": such a body is refused without the header."""
    replayed = prefix + BODY

    headers = {"x-webhook-signature": mac(replayed)}

    assert signed_by(DRAGOPS, [SECRET], headers, replayed, now=NOW) is None


def test_a_plain_body_that_begins_with_a_short_number_is_fine() -> None:
    """Only 10 to 13 digits and a dot look like a time."""
    body = b"12.5"

    headers = {"x-webhook-signature": mac(body)}

    assert signed_by(DRAGOPS, [SECRET], headers, body, now=NOW) == 0
