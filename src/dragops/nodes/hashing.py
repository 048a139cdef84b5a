"""Encoding & Crypto: hashes, signatures with a shared key, and texts that nobody can guess."""

import hashlib
import hmac
import string
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.encodings import base64_text, bytes_of
from dragops.nodes.limits import out_of_range

category = Category("Encoding & Crypto")

_LENGTH_MAX: Final = 1_024
_DIGESTS: Final[dict[str, Callable[[bytes], str]]] = {
    "hex": bytes.hex,
    "base64": base64_text,
    "base64url": lambda data: base64_text(data, url_safe=True, padding=False),
}


@category.node(
    "Hash pure (value: Any!)"
    ' [algorithm: Enum(md5|sha1|sha256|sha384|sha512) = "sha256",'
    ' encoding: Enum(hex|base64|base64url) = "hex"] -> (digest: String)'
)
def hash_(
    value: Any,
    algorithm: Literal["md5", "sha1", "sha256", "sha384", "sha512"] = "sha256",
    encoding: Literal["hex", "base64", "base64url"] = "hex",
) -> str:
    """Compute a hash; md5 and sha1 are for looking things up, not for safety."""
    digest = hashlib.new(algorithm, bytes_of(value, "value"), usedforsecurity=False)
    return _DIGESTS[encoding](digest.digest())


class Signature(NamedTuple):
    """What Hmac puts out."""

    signature: str
    valid: bool


@category.node(
    'Hmac "HMAC" pure (value: Any!, key: Any!, expected: String = "")'
    ' [algorithm: Enum(sha1|sha256|sha384|sha512) = "sha256",'
    ' encoding: Enum(hex|base64|base64url) = "hex"] -> (signature: String, valid: Boolean)'
)
def hmac_(
    value: Any,
    key: Any,
    expected: str = "",
    algorithm: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256",
    encoding: Literal["hex", "base64", "base64url"] = "hex",
) -> Signature:
    """Sign with a key, and say whether the signature is the expected one.

    That may have a prefix, as in `sha256=...`; hex is compared in any case.
    """
    made = hmac.digest(bytes_of(key, "key"), bytes_of(value, "value"), algorithm)
    signature = _DIGESTS[encoding](made)
    wanted = expected.lower() if encoding == "hex" else expected
    # with and without a prefix such as sha256=, both compared whatever the first says
    whole, rest = (_same(each, signature) for each in (wanted, wanted.partition("=")[2]))
    return Signature(signature, whole | rest)


def _same(given: str, signature: str) -> bool:
    a, b = given.rstrip("="), signature.rstrip("=")
    return hmac.compare_digest(a.encode("utf-8", "surrogatepass"), b.encode())


def _length(value: int) -> int:
    if not 1 <= value <= _LENGTH_MAX:
        raise ValueError(f"use 1 to {_LENGTH_MAX}")
    return value


@category.node(
    "RandomToken impure (exec, length: Integer = 32)"
    ' [alphabet: Enum(base64url|hex|alphanumeric|digits) = "base64url"] -> (exec, token: String)',
    checks={"length": _length},
)
def random_token(
    ctx: Context,
    length: int = 32,
    alphabet: Literal["base64url", "hex", "alphanumeric", "digits"] = "base64url",
) -> str:
    """Make a text that nobody can guess; it stays until the node runs again."""
    if not 1 <= length <= _LENGTH_MAX:
        raise out_of_range("length", length, f"use 1 to {_LENGTH_MAX}")
    if alphabet in _ALPHABETS:
        return _drawn(ctx, length, _ALPHABETS[alphabet])
    # a byte is two digits of hex, three bytes are four characters of base64
    count = (length + 1) // 2 if alphabet == "hex" else (length * 3 + 3) // 4
    return _DIGESTS[alphabet](ctx.random_bytes(count))[:length]


_ALPHABETS: Final = {
    "alphanumeric": string.ascii_uppercase + string.ascii_lowercase + string.digits,
    "digits": string.digits,
}


def _drawn(ctx: Context, length: int, alphabet: str) -> str:
    # bytes above the last full round would make the first characters likelier
    below = 256 // len(alphabet) * len(alphabet)
    token = ""
    while len(token) < length:
        drawn = ctx.random_bytes(length - len(token))
        token += "".join(alphabet[byte % len(alphabet)] for byte in drawn if byte < below)
    return token
