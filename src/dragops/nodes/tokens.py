"""Encoding & Crypto: JSON Web Tokens, with keys of one kind for one kind of algorithm.

PyJWT knows keys, signatures and the shape of a token; what the claims mean is looked at here, as
the time is the run's.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.definition import Given
from dragops.nodes.encodings import base64_text, bytes_of
from dragops.nodes.json_text import dumps, loads
from dragops.nodes.limits import limit_error
from dragops.nodes.moments import MILLISECOND, SECOND
from dragops.nodes.values import instant

category = Category("Encoding & Crypto")

_ALGORITHMS: Final = (
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
_TOKEN_MAX: Final = 2**20
_TIMES: Final = ("iat", "exp", "nbf")
_ANY_PEM: Final = "-----BEGIN "


def _key_can_fit(algorithm: str, key: str) -> bool:
    return bool(key) and _ANY_PEM not in key if algorithm.startswith("HS") else _ANY_PEM in key


def _key_for_signing(given: Given) -> None:
    key = given.values.get("key")
    algorithm = given.settings["algorithm"]
    if key is not None and not _key_can_fit(algorithm, key):
        raise ValueError(f"key does not fit {algorithm}: {_wanted(algorithm)}")


def _key_for_verifying(given: Given) -> None:
    key = given.values.get("key")
    algorithms = given.settings["algorithms"]
    if key is not None and not any(_key_can_fit(each, key) for each in algorithms):
        raise ValueError(f"key fits none of {', '.join(algorithms)}: {_wanted(algorithms[0])}")


def _no_less(value: int) -> int:
    if value < 0:
        raise ValueError("use 0 or more")
    return value


def _known(algorithms: list[Any]) -> list[Any]:
    if not algorithms or any(each not in _ALGORITHMS for each in algorithms):
        raise ValueError(f"list one or more of {', '.join(_ALGORITHMS)}")
    return algorithms


@category.node(
    'JwtSign "JWT Sign" pure (claims: Object!, key: String!)'
    ' [algorithm: Enum(HS256|HS384|HS512|RS256|ES256|EdDSA) = "HS256", expiresIn: Integer = 0]'
    " -> (token: String)",
    checks={"expiresIn": _no_less},
    agreement=_key_for_signing,
)
def jwt_sign(
    ctx: Context,
    claims: dict[str, Any],
    key: str,
    algorithm: Literal["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"] = "HS256",
    expires_in: int = 0,
) -> str:
    """Write claims as a token that is signed with a key: a secret for HS, PEM for the others.

    iat is added, and exp when expiresIn (seconds) is above 0.
    """
    signer = _key(algorithm, key)
    if not (isinstance(signer, bytes) or hasattr(signer, "sign")):
        raise RunFailure("ParseError", f"key is a public one: {algorithm} signs with a private one")
    now = instant(ctx.now()) // SECOND
    payload = {name: _numeric(name, value) for name, value in claims.items()}
    payload.setdefault("iat", now)
    if expires_in > 0:
        payload["exp"] = now + expires_in
    parts = (dumps({"alg": algorithm, "typ": "JWT"}), dumps(payload))
    signed = ".".join(_segment(bytes_of(part, "claims")) for part in parts)
    if len(signed) > _TOKEN_MAX:
        raise limit_error("a token has 1 MiB")
    return f"{signed}.{_segment(_algorithm(algorithm).sign(signed.encode(), signer))}"


class Verified(NamedTuple):
    """What JwtVerify puts out."""

    valid: bool
    claims: dict[str, Any]
    reason: str


class _Invalid(Exception):
    """The token is not valid; its text is the reason."""


@category.node(
    'JwtVerify "JWT Verify" pure (token: String!, key: String!, audience: String = "",'
    ' issuer: String = "") [algorithms: Array = ["HS256"], leeway: Integer = 0]'
    " -> (valid: Boolean, claims: Object, reason: String)",
    checks={"algorithms": _known, "leeway": _no_less},
    agreement=_key_for_verifying,
)
def jwt_verify(
    ctx: Context,
    token: str,
    key: str,
    audience: str = "",
    issuer: str = "",
    algorithms: Sequence[str] = ["HS256"],
    leeway: int = 0,
) -> Verified:
    """Say whether a token is signed with this key and in force, and what it claims.

    If not, reason is malformed, algorithm, signature, expired, notYetValid, audience or issuer.
    """
    keys = _fitting_keys(algorithms, key)
    try:
        claims = _signed_claims(token, keys)
        _check_times(claims, instant(ctx.now()) // MILLISECOND, leeway * 1000)
    except _Invalid as exc:
        return Verified(valid=False, claims={}, reason=str(exc))
    if audience and not _is_for(audience, claims.get("aud")):
        return Verified(valid=False, claims={}, reason="audience")
    if issuer and claims.get("iss") != issuer:
        return Verified(valid=False, claims={}, reason="issuer")
    return Verified(valid=True, claims=claims, reason="")


def _segment(data: bytes) -> str:
    return base64_text(data, url_safe=True, padding=False)


def _numeric(name: str, value: Any) -> Any:
    is_time = name in _TIMES and isinstance(value, datetime)
    return instant(value) // SECOND if is_time else value


def _algorithm(name: str) -> Any:
    import jwt  # noqa: PLC0415  # only patterns with tokens need it

    return jwt.get_algorithm_by_name(name)


@lru_cache(maxsize=64)
def _key(algorithm: str, key: str) -> Any:
    """Read a key; kept, as OpenSSL takes 0.1 s to look at an RSA key of 2,048 bits."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # as above
    from jwt import PyJWTError  # noqa: PLC0415  # as above

    try:
        if _key_can_fit(algorithm, key):
            return _algorithm(algorithm).prepare_key(key)
    except (PyJWTError, ValueError, TypeError, UnsupportedAlgorithm):
        pass  # what the libraries say may show a part of the key
    raise RunFailure("ParseError", f"key does not fit {algorithm}: {_wanted(algorithm)}")


def _wanted(algorithm: str) -> str:
    if algorithm.startswith("HS"):
        return "give a shared secret, neither empty nor the text of a key pair"
    kinds = {"RS": "an RSA key", "PS": "an RSA key", "ES": "a key of its curve"}
    return f"give {kinds.get(algorithm[:2], 'an Ed25519 or Ed448 key')} as PEM, without password"


def _fitting_keys(algorithms: Sequence[str], key: str) -> dict[str, Any]:
    """Read the key for each algorithm that it fits; one for a key pair is no shared secret."""
    keys = {each: read for each in algorithms if (read := _key_or_none(each, key)) is not None}
    if not keys:
        message = f"key fits none of {', '.join(algorithms)}: {_wanted(algorithms[0])}"
        raise RunFailure("ParseError", message)
    return keys


def _key_or_none(algorithm: str, key: str) -> Any:
    try:
        read = _key(algorithm, key)
    except RunFailure:
        return None
    return read.public_key() if hasattr(read, "public_key") else read


def _signed_claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    from jwt import PyJWS, PyJWTError  # noqa: PLC0415  # as above

    if len(token) > _TOKEN_MAX:
        raise _Invalid("malformed")
    try:
        read = PyJWS().decode_complete(token, options={"verify_signature": False})
    except (PyJWTError, ValueError) as exc:
        raise _Invalid("malformed") from exc
    algorithm = read["header"].get("alg")
    if not isinstance(algorithm, str) or algorithm not in keys:
        raise _Invalid("algorithm")
    signed = token.rpartition(".")[0].encode()
    if not _algorithm(algorithm).verify(signed, keys[algorithm], read["signature"]):
        raise _Invalid("signature")
    try:
        claims = loads(read["payload"].decode())
    except (RunFailure, UnicodeDecodeError) as exc:
        raise _Invalid("malformed") from exc
    if not isinstance(claims, dict):
        raise _Invalid("malformed")
    return claims


def _check_times(claims: dict[str, Any], now: int, leeway: int) -> None:
    times = [claims.get(name) for name in ("exp", "nbf")]
    if any(each is not None and type(each) not in {int, float} for each in times):
        raise _Invalid("malformed")
    expires, begins = times
    if expires is not None and expires * 1000 <= now - leeway:
        raise _Invalid("expired")
    if begins is not None and begins * 1000 > now + leeway:
        raise _Invalid("notYetValid")


def _is_for(audience: str, claimed: Any) -> bool:
    return audience in claimed if isinstance(claimed, list) else audience == claimed
