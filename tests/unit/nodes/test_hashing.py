"""Hashes, signatures and random texts beyond the examples of their page."""

import hashlib
import hmac
from collections import Counter
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import hashing
from support.context import RecordingContext
from support.patterns import chain, node, pattern, variable, wire
from support.runs import run_pattern

HEX = hmac.digest(b"key", b"data", "sha256").hex()
BASE64 = "UDH+PZicbRU3oBP6bnOdojRj/a7DtwE31o6DbOMpK9A="


class Bytes(RecordingContext):
    """A secure source that gives out these bytes, one after another."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.source = source

    def random_bytes(self, count: int) -> bytes:
        drawn, self.source = self.source[:count], self.source[count:]
        return drawn


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_a_hash_is_that_of_the_bytes(algorithm: Any) -> None:
    """Of a text, those of UTF-8."""
    assert hashing.hash_("é", algorithm) == hashlib.new(algorithm, "é".encode()).hexdigest()
    assert hashing.hash_(b"\xc3\xa9", algorithm) == hashing.hash_("é", algorithm)


def test_a_digest_may_be_written_for_an_address() -> None:
    """base64url has no padding, as in tokens."""
    assert hashing.hash_("", "md5", "base64") == "1B2M2Y8AsgTpgAmY7PhCfg=="
    assert hashing.hash_("", "md5", "base64url") == "1B2M2Y8AsgTpgAmY7PhCfg"


@pytest.mark.parametrize(
    ("expected", "encoding", "valid"),
    [
        (HEX, "hex", True),
        (HEX.upper(), "hex", True),
        ("sha256=" + HEX, "hex", True),
        ("V0=" + HEX.upper(), "hex", True),
        ("", "hex", False),
        ("=", "hex", False),
        ("sha256=", "hex", False),
        (HEX[:-1], "hex", False),
        (HEX + "0", "hex", False),
        ("a=b=" + HEX, "hex", False),
        (HEX, "base64", False),
        ("ñ" + HEX, "hex", False),
        ("\ud800", "hex", False),
    ],
)
def test_a_signature_is_valid_or_not(expected: str, encoding: Any, valid: bool) -> None:
    """With or without the prefix of its sender; never by being empty."""
    assert hashing.hmac_("data", "key", expected, encoding=encoding).valid is valid


@pytest.mark.parametrize("expected", ["{}", "sha256={}"])
def test_base64_is_compared_in_its_case(expected: str) -> None:
    """Its padding may be left out, and is no prefix."""
    signature = hashing.hmac_("data", "key", encoding="base64").signature

    for same in (signature, signature.rstrip("=")):
        assert hashing.hmac_("data", "key", expected.format(same), encoding="base64").valid
    assert not hashing.hmac_("data", "key", expected.format(signature.lower()), encoding="base64")[
        1
    ]
    url = signature.replace("+", "-").replace("/", "_")
    assert hashing.hmac_("data", "key", expected.format(url), encoding="base64url").valid


def test_keys_may_be_bytes() -> None:
    assert hashing.hmac_(b"data", b"key").signature == HEX
    assert hashing.hmac_("data", b"\xff", algorithm="sha512").signature == (
        hmac.digest(b"\xff", b"data", "sha512").hex()
    )


@pytest.mark.parametrize(
    ("alphabet", "length", "wanted"),
    [
        ("hex", 8, "00010203"),
        ("hex", 3, "000"),
        ("digits", 4, "0123"),
        ("alphanumeric", 4, "ABCD"),
        ("base64url", 5, "AAECA"),
        ("base64url", 1, "A"),
    ],
)
def test_a_token_is_made_of_the_system_s_bytes(alphabet: Any, length: int, wanted: str) -> None:
    assert hashing.random_token(RecordingContext(), length, alphabet) == wanted


@pytest.mark.parametrize("alphabet", ["base64url", "hex", "alphanumeric", "digits"])
def test_a_token_is_as_long_as_it_is_asked_to_be(alphabet: Any) -> None:
    for length in (*range(1, 20), 1024):
        assert len(hashing.random_token(RecordingContext(), length, alphabet)) == length


def test_no_character_is_likelier_than_another_one() -> None:
    """Bytes above the last full round are drawn again."""
    drawn = Bytes(bytes([250, 255, 249, 251]) + b"\x07")
    assert hashing.random_token(drawn, 2, "digits") == "97"
    assert hashing.random_token(Bytes(bytes([248, 255, 247, 61])), 2, "alphanumeric") == "99"
    for alphabet, below in (("digits", 250), ("alphanumeric", 248)):
        all_bytes = Bytes(bytes(range(256)) * 2)
        counts = Counter(hashing.random_token(all_bytes, below, alphabet))  # type: ignore[arg-type]  # a stand-in
        assert len(set(counts.values())) == 1


@pytest.mark.parametrize("length", [0, -1, 1025, 10**400])
def test_a_token_has_limits(length: int) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError: pin length is .*: use 1 to 1024"):
        hashing.random_token(RecordingContext(), length)


def test_a_token_stays_until_the_node_runs_again() -> None:
    """However often it is read."""
    parts = (
        node("start", "OnStart"),
        node("token", "RandomToken", length=4, alphabet="digits"),
        *(node(f"keep{i}", "SetVariable", name=f"v{i}") for i in (1, 2)),
        *(variable(f"v{i}", "Any") for i in (1, 2)),
        *(wire("token.token", f"keep{i}.value") for i in (1, 2)),
        chain("start", "token", "keep1", "keep2"),
    )

    outcome = run_pattern(pattern("p", *parts), {})

    assert set(outcome.variables.values()) == {"0123"}
    assert outcome.steps == ["token", "keep1", "keep2"]
