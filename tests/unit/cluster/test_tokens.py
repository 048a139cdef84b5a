"""Service account tokens, checked offline."""

import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from dragops.cluster.tokens import TokenVerifier, unverified_issuer
from dragops.errors import Refused, Unreachable

KEY = ec.generate_private_key(ec.SECP256R1())
CLAIMS = {
    "sub": "system:serviceaccount:team-a:dragops-engine",
    "aud": ["dragops-recorder"],
    "iss": "https://kubernetes.default.svc",
    "kubernetes.io": {"namespace": "team-a", "serviceaccount": {"name": "x", "uid": "u-1"}},
}


def token(key: Any = KEY, *, kid: str = "k1", algorithm: str = "ES256", **claims: Any) -> str:
    body = CLAIMS | {"exp": time.time() + 600} | claims
    return jwt.encode(body, key, algorithm=algorithm, headers={"kid": kid})


def key_set(path: Path, **keys: Any) -> Path:
    entries = [{"kid": kid, "use": "sig"} | orjson.loads(_jwk(key)) for kid, key in keys.items()]
    path.write_bytes(orjson.dumps({"keys": entries}))
    return path


def _jwk(key: Any) -> str:
    of = jwt.algorithms.ECAlgorithm if hasattr(key, "curve") else jwt.algorithms.RSAAlgorithm
    text: str = of.to_jwk(key.public_key())
    return text


def _segments(segment: bytes) -> str:
    text = urlsafe_b64encode(segment).decode().rstrip("=")
    return f"{text}.{text}.{text}"


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    return key_set(tmp_path / "jwks.json", k1=KEY)


def verifier(jwks: Path) -> TokenVerifier:
    issuer = "https://kubernetes.default.svc"
    return TokenVerifier(str(jwks), audience="dragops-recorder", issuer=issuer)


async def test_a_good_token_names_its_account_and_namespace(jwks: Path) -> None:
    caller = await verifier(jwks).verify(token())

    assert caller.username == "system:serviceaccount:team-a:dragops-engine"
    assert (caller.namespace, caller.uid) == ("team-a", "u-1")
    assert "system:serviceaccounts:team-a" in caller.groups


@pytest.mark.parametrize(
    ("what", "bad"),
    [
        ("another audience", lambda: token(aud=["dragops-api"])),
        ("an end in the past", lambda: token(exp=time.time() - 60)),
        ("another issuer", lambda: token(iss="https://elsewhere")),
        ("no subject", lambda: token(sub=None)),
        ("another key under a known id", lambda: token(ec.generate_private_key(ec.SECP256R1()))),
        ("an algorithm that is not allowed", lambda: token("s" * 64, algorithm="HS256")),
        ("no signature", lambda: jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "k1"})),
        ("a key that is not published", lambda: token(kid="k9")),
        ("no form of a token", lambda: "nonsense"),
    ],
)
async def test_any_other_token_is_refused(jwks: Path, what: str, bad: Any) -> None:
    with pytest.raises(Refused):
        await verifier(jwks).verify(bad())


async def test_a_token_is_not_accepted_from_memory_after_its_end(jwks: Path) -> None:
    checks, short = verifier(jwks), token(exp=time.time() - 7)  # inside the leeway of 10 s
    await checks.verify(short)
    time.sleep(3.5)  # noqa: ASYNC251  # nothing else runs in this loop

    with pytest.raises(Refused):
        await checks.verify(short)


async def test_a_new_key_is_fetched_once_a_token_names_it(jwks: Path) -> None:
    checks = verifier(jwks)
    await checks.verify(token())
    second = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_set(jwks, k1=KEY, k2=second)

    caller = await checks.verify(token(second, kid="k2", algorithm="RS256"))

    assert caller.namespace == "team-a"


async def test_keys_that_cannot_be_had_are_no_verdict_on_the_token(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        await verifier(tmp_path / "missing.json").verify(token())


@pytest.mark.parametrize(
    "made_up", ["." * 3, "a.b.c", "[" * 9_000, _segments(b"[" * 9_000), _segments(b'{"alg": 1}')]
)
async def test_what_strangers_make_up_is_refused_like_any_bad_token(
    jwks: Path, made_up: str
) -> None:
    with pytest.raises(Refused):
        await verifier(jwks).verify(made_up)


def test_an_unverified_token_tells_its_issuer_and_nonsense_tells_none() -> None:
    assert unverified_issuer(token()) == "https://kubernetes.default.svc"
    for made_up in ("", "a.b", "a.!.c", _segments(b"[]"), _segments(b'{"iss": 1}'), "x" * 20_000):
        assert unverified_issuer(made_up) is None
