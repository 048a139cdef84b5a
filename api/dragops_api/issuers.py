"""What can be set of an OIDC issuer whose tokens are taken, and what is refused at the start."""

import ssl
from collections.abc import Iterable
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from dragops.model.schema import Shape

Algorithm = Literal[
    "ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"
]
"""With a public key only: who shares a secret with an issuer could sign for it."""
_RESERVED = "system:"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def is_safe_url(url: str) -> bool:
    """Say whether nobody on the way can change what is read there: https, or this very machine."""
    try:
        parts = urlsplit(url)
        is_near = parts.scheme == "http" and parts.hostname in _LOOPBACK
        return bool(parts.hostname) and (parts.scheme == "https" or is_near) and not parts.fragment
    except ValueError:
        return False


def _url(text: str) -> str:
    if not is_safe_url(text):
        raise ValueError(f"{text!r} is no https URL")
    return text


def _prefix(text: str) -> str:
    if text.startswith(_RESERVED):
        raise ValueError(f"names that begin with {_RESERVED!r} belong to Kubernetes")
    return text


def _authority(pem: str) -> str:
    if pem:
        try:
            ssl.create_default_context(cadata=pem)
        except (ssl.SSLError, ValueError) as exc:
            raise ValueError(f"is no certificate in PEM: {exc}") from exc
    return pem


Url = Annotated[str, AfterValidator(_url)]
Text = Annotated[str, Field(min_length=1, max_length=256)]
Prefix = Annotated[str, Field(max_length=256), AfterValidator(_prefix)]


class OidcIssuer(Shape):
    """An issuer, and how its claims are read; the prefixes keep its names apart from others."""

    issuer: Url
    """Exactly as its tokens name it in ``iss``."""
    audiences: Annotated[tuple[Text, ...], Field(min_length=1)]
    """A token must be meant for one of them: usually the client id."""
    jwks_url: Url | Literal[""] = ""
    """Empty: as the issuer's ``/.well-known/openid-configuration`` says."""
    username_claim: Text = "sub"
    username_prefix: Prefix = "oidc:"
    groups_claim: Annotated[str, Field(max_length=256)] = "groups"
    """Empty: its tokens name no groups."""
    groups_prefix: Prefix = "oidc:"
    extra: dict[Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[a-z0-9._~/-]+$")], Text] = Field(
        default_factory=dict
    )
    """Keys of ``extra`` in access reviews, and the claims that they come from."""
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    """How far its clock and ours may be apart."""
    certificate_authority: Annotated[str, AfterValidator(_authority)] = ""
    """PEM; empty: the authorities that the system trusts."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key in self.extra:
            if key.split("/")[0].endswith(("kubernetes.io", "k8s.io")):
                raise ValueError(f"extra: {key!r} belongs to Kubernetes")
        return self


def check_together(issuers: Iterable[OidcIssuer]) -> None:
    """Raise ValueError where two issuers could speak for one person."""
    urls, prefixes = set[str](), set[str]()
    for each in issuers:
        if each.issuer in urls:
            raise ValueError(f"issuer {each.issuer!r} is there twice")
        if each.username_prefix in prefixes or each.groups_prefix in prefixes:
            raise ValueError(
                f"issuer {each.issuer!r} has a prefix of another one, so both could name the same "
                "person or group: give each its own usernamePrefix and groupsPrefix"
            )
        urls.add(each.issuer)
        prefixes |= {each.username_prefix, each.groups_prefix}
