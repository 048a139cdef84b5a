"""JSON Web Tokens against those who make their own: every way in which one is not valid."""

import base64
import hmac
import json
import traceback
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from dragops.errors import RunFailure
from dragops.nodes.tokens import jwt_sign, jwt_verify
from support.context import NOW, RecordingContext

SECRET = "k" * 64
TIME = int(NOW.timestamp())
PAIRS = ("RS256", "ES256", "EdDSA")
ALL = ("HS256", "HS384", "HS512", *PAIRS)


@cache
def pair(kind: str) -> tuple[str, str]:
    """A private and a public key, as PEM."""
    private: Any = {
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    written = private.private_bytes(serialization.Encoding.PEM, form, plain)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return written.decode(), public.decode()


def keys_of(algorithm: str) -> tuple[str, str]:
    return (SECRET, SECRET) if algorithm.startswith("HS") else pair(algorithm)


def signed(claims: dict[str, Any], algorithm: Any = "HS256", key: str = "", **more: Any) -> str:
    return jwt_sign(
        RecordingContext(), claims, key or keys_of(algorithm)[0], algorithm, more.get("seconds", 0)
    )


def verified(token: str, key: str = SECRET, **settings: Any) -> tuple[bool, Any, str]:
    return jwt_verify(RecordingContext(), token, key, **settings)


def segment(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: Any, payload: Any, key: str = SECRET, algorithm: str = "sha256") -> str:
    """A token whose signature is right for a shared key, whatever else is not."""
    text = f"{segment(header)}.{segment(payload)}"
    return f"{text}.{segment(hmac.digest(key.encode(), text.encode(), algorithm))}"


@pytest.mark.parametrize("algorithm", ALL)
def test_what_is_signed_is_valid(algorithm: str) -> None:
    """For us, and for others who know such tokens."""
    private, public = keys_of(algorithm)
    token = signed({"sub": "u1", "n": 2**70}, algorithm, seconds=60)

    valid, claims, reason = verified(token, public, algorithms=[algorithm])

    assert (valid, reason) == (True, "")
    assert claims == {"sub": "u1", "n": float(2**70), "iat": TIME, "exp": TIME + 60}
    read = jwt.decode(
        token, public, [algorithm], options={"verify_exp": False, "verify_iat": False}
    )
    assert read["n"] == 2**70
    assert verified(token, private, algorithms=[algorithm])[0] is True


def test_times_that_are_there_stay() -> None:
    """A DateTime becomes the number that a token has for it; the claims do not change."""
    claims = {"iat": datetime(2026, 1, 1, tzinfo=UTC), "at": datetime(2026, 1, 1, tzinfo=UTC)}

    read = jwt.decode(signed(claims), SECRET, ["HS256"])

    assert read == {"iat": 1767225600, "at": "2026-01-01T00:00:00.000Z"}
    assert "exp" not in claims


@pytest.mark.parametrize(
    "token",
    [
        *(
            "",
            "x",
            "x.y.z",
            "..",
            "a.b.c.d",
            "é.é.é",
            "\ud800",
            "." * 10**5,
            "eyJhbGciOiJIUzI1NiJ9",
        ),
        f"{segment(b'[]')}.{segment({})}.{segment(b'')}",
        f"{segment(b'{')}.{segment({})}.{segment(b'')}",
        f"{segment(b'[' * 10**5)}.{segment({})}.{segment(b'')}",
        forged({"alg": "HS256", "kid": 1}, {}),
        forged({"alg": "HS256", "crit": ["exp"], "exp": 1}, {}),
        forged({"alg": "HS256", "b64": False, "crit": ["b64"]}, {}),
        forged({"alg": "HS256"}, b"[]"),
        forged({"alg": "HS256"}, b"no JSON"),
        forged({"alg": "HS256"}, b"\xff"),
        forged({"alg": "HS256"}, b'{"a":' * 100 + b"1" + b"}" * 100),
        forged({"alg": "HS256"}, {"exp": "9999999999"}),
        forged({"alg": "HS256"}, {"nbf": True}),
        forged({"alg": "HS256"}, {"exp": {}}),
        forged({"alg": "HS256"}, {"a": "x" * 2**20}),
    ],
    ids=range(23),
)
def test_what_has_not_the_shape_of_a_token_is_malformed(token: str) -> None:
    """A bad token never fails the node."""
    assert verified(token) == (False, {}, "malformed")


@pytest.mark.parametrize(
    "header",
    [
        *({}, {"alg": None}, {"alg": ["HS256"]}, {"alg": "none"}, {"alg": "None"}, {"alg": ""}),
        *({"alg": "HS512"}, {"alg": "hs256"}, {"alg": "RS256"}, {"alg": "x"}, {"alg": {"a": 1}}),
    ],
    ids=str,
)
def test_an_algorithm_that_is_not_listed_is_refused(header: dict[str, Any]) -> None:
    """``none`` always, signed or not; the token does not choose."""
    assert verified(forged(header, {"sub": "u1"})) == (False, {}, "algorithm")
    unsigned = f"{segment(header)}.{segment({'sub': 'u1'})}."
    assert verified(unsigned) == (False, {}, "algorithm")


def test_a_public_key_is_no_shared_secret() -> None:
    """Who knows it could sign with it, if the token's word for its algorithm were taken."""
    public = pair("RS256")[1]
    token = forged({"alg": "HS256", "typ": "JWT"}, {"sub": "admin"}, key=public)

    assert verified(token, public, algorithms=["RS256"]) == (False, {}, "algorithm")
    assert verified(token, public, algorithms=["RS256", "HS256"]) == (False, {}, "algorithm")
    assert verified(token, public, algorithms=["HS256", "RS256"]) == (False, {}, "algorithm")
    with pytest.raises(RunFailure, match=r"^ParseError: key fits none of HS256: "):
        verified(token, public)


@pytest.mark.parametrize("algorithm", ALL)
def test_another_signature_is_none(algorithm: str) -> None:
    """One that is cut, longer, empty, of another key, or of other claims."""
    public = keys_of(algorithm)[1]
    head, claims, signature = signed({"sub": "u1"}, algorithm).split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    others = [b"", raw[:-1], raw + b"\0", bytes(len(raw)), b"\xff" * len(raw), raw[::-1]]

    for each in others:
        token = f"{head}.{claims}.{segment(each)}"
        assert verified(token, public, algorithms=[algorithm]) == (False, {}, "signature")
    token = f"{head}.{segment({'sub': 'admin'})}.{signature}"
    assert verified(token, public, algorithms=[algorithm]) == (False, {}, "signature")
    assert verified(forged({"alg": "HS256"}, {}, key="other")) == (False, {}, "signature")


@pytest.mark.parametrize(
    ("claims", "leeway", "reason"),
    [
        ({"exp": TIME + 1}, 0, ""),
        ({"exp": TIME}, 0, "expired"),
        ({"exp": TIME - 10}, 10, "expired"),
        ({"exp": TIME - 10}, 11, ""),
        ({"exp": TIME + 0.5}, 0, ""),
        ({"exp": 0}, 10**400, ""),
        ({"exp": -1e308}, 0, "expired"),
        ({"exp": 1e308, "nbf": -1e308}, 0, ""),
        ({"exp": None, "nbf": None}, 0, ""),
        ({"nbf": TIME}, 0, ""),
        ({"nbf": TIME + 1}, 0, "notYetValid"),
        ({"nbf": TIME + 10}, 10, ""),
        ({"nbf": TIME + 10.5}, 10, "notYetValid"),
        ({"exp": TIME, "nbf": TIME + 1}, 0, "expired"),
        ({"iat": TIME + 10**6}, 0, ""),
    ],
)
def test_a_token_is_in_force_by_the_clock_of_the_run(
    claims: dict[str, Any], leeway: int, reason: str
) -> None:
    """Which in tests stands still; leeway helps clocks that disagree."""
    outcome = verified(forged({"alg": "HS256"}, claims), leeway=leeway)

    assert outcome == ((False, {}, reason) if reason else (True, claims, ""))


@pytest.mark.parametrize(
    ("claims", "asked", "reason"),
    [
        ({"aud": "a", "iss": "i"}, {}, ""),
        ({"aud": "a"}, {"audience": "a"}, ""),
        ({"aud": ["b", "a"]}, {"audience": "a"}, ""),
        ({"aud": "ab"}, {"audience": "a"}, "audience"),
        ({"aud": {"a": 1}}, {"audience": "a"}, "audience"),
        ({"aud": []}, {"audience": "a"}, "audience"),
        ({}, {"audience": "a"}, "audience"),
        ({"iss": "i"}, {"issuer": "i"}, ""),
        ({"iss": ["i"]}, {"issuer": "i"}, "issuer"),
        ({}, {"issuer": "i"}, "issuer"),
        ({}, {"audience": "a", "issuer": "i"}, "audience"),
    ],
)
def test_a_token_is_for_somebody_and_from_somebody(
    claims: dict[str, Any], asked: dict[str, str], reason: str
) -> None:
    """Where the pattern asks."""
    assert verified(forged({"alg": "HS256"}, claims), **asked)[2] == reason


def bad_keys() -> list[tuple[str, str]]:
    other = {"RS256": "ES256", "ES256": "ES384", "EdDSA": "RS256"}
    broken = "-----BEGIN PUBLIC KEY-----\nTOP-SECRET\n-----END PUBLIC KEY-----"
    return [
        *((algorithm, key) for algorithm in PAIRS for key in ("", "TOP-SECRET", broken, "\ud800")),
        *((algorithm, pair(kind)[0]) for algorithm, kind in other.items()),
        *((algorithm, pair("RS256")[1]) for algorithm in ("HS256", "HS512")),
        ("HS256", ""),
        ("HS256", "\ud800"),
        ("RS256", "ssh-rsa TOP-SECRET"),
        ("HS256", '{"kty": "oct", "k": "TOP-SECRET"}'),
    ]


@pytest.mark.parametrize(("algorithm", "key"), bad_keys(), ids=range(len(bad_keys())))
def test_a_key_that_does_not_fit_is_a_parse_error(algorithm: Any, key: str) -> None:
    """Whatever the token; what is told holds no part of the key, as it may be a secret."""
    with pytest.raises(RunFailure, match=r"^ParseError: key does not fit ") as caught:
        jwt_sign(RecordingContext(), {}, key, algorithm)
    with pytest.raises(RunFailure, match=r"^ParseError: key fits none of ") as again:
        verified("x.y.z", key, algorithms=[algorithm])
    for each in (caught, again):
        assert "TOP-SECRET" not in "".join(traceback.format_exception(each.value))


@pytest.mark.parametrize("algorithm", PAIRS)
def test_a_public_key_signs_nothing(algorithm: Any) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: key is a public one: "):
        signed({}, algorithm, pair(algorithm)[1])


def test_a_token_has_an_end() -> None:
    """What Sign makes, Verify reads."""
    with pytest.raises(RunFailure, match=r"^LimitError: .*a token has 1 MiB"):
        signed({"a": "x" * 800_000})
    assert verified(signed({"a": "x" * 700_000}))[0] is True


def test_a_short_secret_is_a_secret() -> None:
    """The library would warn; a pattern has no one to hear it."""
    assert verified(signed({}, key="k"), "k") == (True, {"iat": TIME}, "")
