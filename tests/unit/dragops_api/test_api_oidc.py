"""Tokens of an OIDC issuer that really answers: who they name, and why others are refused."""

import base64
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization

from support.api_door import NOWHERE, Door, open_door
from support.oidc_issuer import AUDIENCE, OidcIssuer, rsa_key

KEY = rsa_key()
"""Nobody publishes it."""


@pytest.fixture
async def issuer() -> AsyncIterator[OidcIssuer]:
    """An issuer that serves."""
    async with OidcIssuer().serving() as serving:
        yield serving


@pytest.fixture
async def oidc_door(issuer: OidcIssuer, tmp_path: Path) -> AsyncIterator[Door]:
    """An API that takes its tokens."""
    settings = {
        "issuer": issuer.url,
        "audiences": [AUDIENCE, "another"],
        "extra": {"example.com/tenant": "tenant"},
        "algorithms": ["RS256", "ES256"],
    }
    async with open_door(tmp_path, oidc=[settings]) as opened:
        yield opened


async def _whoami(door: Door, token: str) -> httpx.Response:
    return await door.http.get("/api/auth/whoami", headers={"Authorization": f"Bearer {token}"})


async def test_a_caller_is_who_the_claims_name_with_prefixes(
    oidc_door: Door, issuer: OidcIssuer
) -> None:
    """The access review is about this person; the API server never sees the token."""
    asked: list[dict[str, Any]] = []
    oidc_door.cluster.allowed = lambda spec: not asked.append(spec)  # type: ignore[func-returns-value]  # always true

    token = issuer.token(groups=["dev", "ops"], tenant="t1")
    answer = await _whoami(oidc_door, token)

    told = answer.json()["data"]
    groups = ["oidc:dev", "oidc:ops", "system:authenticated"]
    assert (told["username"], told["groups"]) == ("oidc:grace", groups)
    assert told["workspace"] == "default"
    assert asked[0] | {"resourceAttributes": None} == {
        "user": "oidc:grace",
        "uid": "",
        "groups": groups,
        "extra": {"example.com/tenant": ["t1"]},
        "resourceAttributes": None,
    }
    assert oidc_door.cluster.reviewed == []


async def test_any_of_the_audiences_will_do(oidc_door: Door, issuer: OidcIssuer) -> None:
    """Also in a list; a single group may be a plain text, and none is none."""
    for claims in ({"aud": "another"}, {"aud": ["x", AUDIENCE]}, {"groups": "dev"}):
        assert (await _whoami(oidc_door, issuer.token(**claims))).status_code == 200


def _unsigned(issuer: OidcIssuer) -> str:
    return jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": "k1"})


def _signed_with_the_public_key(issuer: OidcIssuer) -> str:
    """The classic: the public key, which everybody has, as the secret of an HMAC."""
    pem = (
        issuer.keys["k1"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    parts = [{"alg": "HS256", "kid": "k1"}, issuer.claims()]
    head = b".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in parts)
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(algorithm.sign(head, pem)).rstrip(b"=")
    return (head + b"." + signature).decode()


def _tampered(issuer: OidcIssuer) -> str:
    head, _, signature = issuer.token().split(".")
    claims = base64.urlsafe_b64encode(orjson.dumps(issuer.claims(sub="root"))).decode().rstrip("=")
    return f"{head}.{claims}.{signature}"


Made = Callable[[OidcIssuer], str]
REFUSED: list[tuple[str, Made, str]] = [
    ("not for us", lambda i: i.token(aud="other"), "Audience doesn't match"),
    ("for nobody", lambda i: i.token(aud=None), '"aud" claim'),
    ("expired", lambda i: i.token(exp=int(time.time()) - 60), "expired"),
    ("never expires", lambda i: i.token(exp=None), '"exp" claim'),
    ("ends in no time", lambda i: i.token(exp="soon"), "not good for"),
    ("not yet", lambda i: i.token(nbf=int(time.time()) + 600), "not yet valid"),
    ("of tomorrow", lambda i: i.token(iat=int(time.time()) + 600), "not yet valid"),
    ("of another key", lambda i: i.token(key=KEY), "Signature verification failed"),
    ("of an unknown key", lambda i: i.token(kid="k9", key=KEY), "does not publish"),
    ("without a key id", lambda i: i.token(kid=None), "names no key"),
    ("unsigned", _unsigned, "'none'"),
    ("signed with a secret", lambda i: i.token(key="s" * 64, algorithm="HS256"), "'HS256'"),
    ("signed with the public key", _signed_with_the_public_key, "'HS256'"),
    ("of an algorithm not listed", lambda i: i.token(algorithm="RS512"), "'RS512'"),
    ("tampered with", _tampered, "Signature verification failed"),
    ("without a user", lambda i: i.token(sub=""), "the user's name"),
    ("of a user with a line break", lambda i: i.token(sub="1\n2"), "cannot be printed"),
    ("with groups of numbers", lambda i: i.token(groups=[1]), "'groups'"),
    ("with groups in an object", lambda i: i.token(groups={"a": 1}), "'groups'"),
    ("with an extra that is no text", lambda i: i.token(tenant=7), "'tenant'"),
    ("cut", lambda i: i.token()[:-20], "not good"),
]


@pytest.mark.parametrize(("what", "made", "said"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_any_other_token_of_the_issuer_is_401(
    oidc_door: Door, issuer: OidcIssuer, what: str, made: Made, said: str
) -> None:
    """It is neither shown to the API server nor is anything asked about its owner."""
    asked: list[Any] = []
    oidc_door.cluster.allowed = lambda spec: not asked.append(spec)  # type: ignore[func-returns-value]  # always true

    answer = await _whoami(oidc_door, made(issuer))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (401, "UNAUTHENTICATED"), what
    assert said in error["message"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (asked, oidc_door.cluster.reviewed) == ([], [])


async def test_a_key_for_another_algorithm_is_no_key(oidc_door: Door, issuer: OidcIssuer) -> None:
    """ES256 is allowed, and k1 is an RSA key."""
    header = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"k1"}').decode().rstrip("=")
    _, claims, signature = issuer.token().split(".")

    answer = await _whoami(oidc_door, f"{header}.{claims}.{signature}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_huge_token_is_refused_unread(oidc_door: Door, issuer: OidcIssuer) -> None:
    """Whoever signed it."""
    answer = await _whoami(oidc_door, issuer.token(padding="x" * 20_000))

    assert answer.status_code == 401
    assert "longer than 16384" in answer.json()["error"]["message"]
    assert (issuer.asked, oidc_door.cluster.reviewed) == ([], [])


async def test_clocks_may_be_apart_a_little(oidc_door: Door, issuer: OidcIssuer) -> None:
    """Ten seconds unless set."""
    late = issuer.token(exp=int(time.time()) - 5)
    early = issuer.token(nbf=int(time.time()) + 5)

    assert (await _whoami(oidc_door, late)).status_code == 200
    assert (await _whoami(oidc_door, early)).status_code == 200


async def test_a_new_key_is_taken_as_soon_as_a_token_names_it(
    oidc_door: Door, issuer: OidcIssuer
) -> None:
    """Without a restart; known keys are not asked for again."""
    for _ in range(3):
        assert (await _whoami(oidc_door, issuer.token())).status_code == 200
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    issuer.keys = {"k2": rsa_key()}

    new = issuer.token(kid="k2", key=issuer.keys["k2"])

    assert (await _whoami(oidc_door, new)).status_code == 200
    assert len(issuer.asked) == 4


async def test_made_up_key_ids_do_not_make_us_flood_the_issuer(
    oidc_door: Door, issuer: OidcIssuer
) -> None:
    """Three looks in half a minute are all that strangers can cause."""
    for number in range(20):
        answer = await _whoami(oidc_door, issuer.token(kid=f"x{number}"))
        assert answer.status_code == 401

    assert len(issuer.asked) == 6


def _hostile(issuer: OidcIssuer) -> dict[str, Callable[[], None]]:
    def discovered(**told: Any) -> Callable[[], None]:
        return lambda: issuer.discovery.update(told)

    def published(body: bytes) -> Callable[[], None]:
        return lambda: setattr(issuer, "published", body)

    return {
        "answers 500": lambda: setattr(issuer, "status", 500),
        "redirects": lambda: setattr(issuer, "status", 302),
        "is another": discovered(issuer="https://elsewhere.example"),
        "names plain http": discovered(jwks_uri="http://keys.example/keys"),
        "names a file": discovered(jwks_uri="file:///etc/passwd"),
        "names nothing": discovered(jwks_uri=None),
        "has no keys": published(b'{"keys": []}'),
        "is no JSON": published(b"<html>"),
        "never ends": published(b" " * 1_100_000),
        "keys": published(b'{"keys": [{"kid": "k1", "kty": "oct", "k": "AAAA"}]}'),
    }


@pytest.mark.parametrize("what", _hostile(OidcIssuer()))
async def test_an_issuer_that_cannot_be_asked_is_503_and_no_verdict(
    oidc_door: Door, issuer: OidcIssuer, what: str
) -> None:
    """With Retry-After, and without a word about addresses; the log has them."""
    _hostile(issuer)[what]()

    answer = await _whoami(oidc_door, issuer.token())

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "ISSUER_UNAVAILABLE")
    assert error["message"] == "the token's issuer cannot be reached"
    assert answer.headers["Retry-After"] == "2"


async def test_known_keys_stay_good_while_the_issuer_is_away(tmp_path: Path) -> None:
    """Who is logged in goes on; who comes with a new key is told to try again."""
    async with OidcIssuer().serving() as issuer:
        settings = {"issuer": issuer.url, "audiences": [AUDIENCE]}
        async with open_door(tmp_path, oidc=[settings]) as door:
            assert (await _whoami(door, issuer.token())).status_code == 200
            issuer.status = 500

            known = await _whoami(door, issuer.token(sub="ada"))
            new = await _whoami(door, issuer.token(kid="k2"))

    assert (known.status_code, new.status_code) == (200, 503)


async def test_an_issuer_where_nobody_listens_is_503(tmp_path: Path) -> None:
    """Refused connections are no verdict on a token."""
    issuer = OidcIssuer()
    issuer.url = NOWHERE
    settings = {"issuer": NOWHERE, "audiences": [AUDIENCE]}
    async with open_door(tmp_path, oidc=[settings]) as door:
        answer = await _whoami(door, issuer.token())

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ISSUER_UNAVAILABLE")


async def test_another_issuers_token_is_for_the_api_server_to_judge(
    oidc_door: Door, issuer: OidcIssuer
) -> None:
    """Only the issuers that are configured are ours."""
    foreign = issuer.token(iss="https://kubernetes.default.svc")

    assert (await _whoami(oidc_door, foreign)).status_code == 401
    assert oidc_door.cluster.reviewed == [foreign]


@pytest.mark.parametrize(
    ("settings", "claims", "name"),
    [
        (
            {"usernameClaim": "email", "usernamePrefix": ""},
            {"email": "a@b.c", "email_verified": True},
            "a@b.c",
        ),
        ({"usernameClaim": "email", "usernamePrefix": ""}, {"email": "a@b.c"}, "a@b.c"),
        (
            {"usernameClaim": "email", "usernamePrefix": ""},
            {"email": "a@b.c", "email_verified": False},
            None,
        ),
        (
            {"usernameClaim": "email", "usernamePrefix": ""},
            {"email": "a@b.c", "email_verified": "true"},
            None,
        ),
        ({"usernamePrefix": ""}, {"sub": "system:kube-controller-manager"}, None),
        ({"usernamePrefix": "sys"}, {"sub": "tem:admin"}, None),
        ({"groupsPrefix": ""}, {"groups": ["system:masters"]}, None),
        ({"groupsPrefix": "", "groupsClaim": ""}, {"groups": ["system:masters"]}, "oidc:grace"),
        ({"usernameClaim": "upn"}, {}, None),
    ],
)
async def test_claims_are_read_as_they_are_mapped_and_never_name_kubernetes_own(
    issuer: OidcIssuer,
    tmp_path: Path,
    settings: dict[str, Any],
    claims: dict[str, Any],
    name: str | None,
) -> None:
    """An issuer must not be able to make a node, a controller or a master."""
    given = {"issuer": issuer.url, "audiences": [AUDIENCE]} | settings
    async with open_door(tmp_path, oidc=[given]) as door:
        answer = await _whoami(door, issuer.token(**claims))

    assert answer.status_code == (401 if name is None else 200)
    assert answer.json().get("data", {}).get("username") == name


async def test_keys_may_be_named_without_discovery(issuer: OidcIssuer, tmp_path: Path) -> None:
    """For issuers that have no discovery document."""
    given = {"issuer": issuer.url, "audiences": [AUDIENCE], "jwksUrl": f"{issuer.url}/keys"}
    async with open_door(tmp_path, oidc=[given]) as door:
        answer = await _whoami(door, issuer.token())

    assert (answer.status_code, issuer.asked) == (200, ["/keys"])


async def test_providers_tell_what_is_configured(oidc_door: Door, issuer: OidcIssuer) -> None:
    """Without a token: it is how one finds out where to get one."""
    answer = await oidc_door.http.get("/api/auth/providers")

    assert answer.json()["data"] == {
        "local": False,
        "github": False,
        "kubernetes": {"audience": "dragops-api"},
        "oidc": [{"issuer": issuer.url, "audiences": [AUDIENCE, "another"]}],
    }
