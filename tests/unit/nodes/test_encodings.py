"""Encodings beyond the examples of their page: odd digits, other bytes, long texts."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.errors import RunFailure
from dragops.nodes import encodings

LONG = b"\0" * 8 * 2**20
"""A Binary that is allowed, and whose text would be too long."""


@given(st.binary())
def test_what_is_encoded_is_decoded_again(data: bytes) -> None:
    """In either alphabet, with padding or without, in lines or not."""
    for url_safe in (False, True):
        for padding in (False, True):
            text = encodings.base64_encode(data, url_safe=url_safe, padding=padding)
            assert encodings.base64_decode(text).data == data
    assert encodings.base64_decode(base64.encodebytes(data).decode()).data == data
    assert encodings.hex_decode(encodings.hex_encode(data)).data == data


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_goes_through_an_address(text: str) -> None:
    """With + for blanks or without, whatever it holds."""
    for plus in (False, True):
        assert encodings.url_decode(encodings.url_encode(text, plus=plus), plus=plus) == text


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "aGk==",
        "aGkx=",
        "=",
        "aG=k",
        "a===",
        "aaa=aaa=",
        "aGk,",
        "é",
        "aGk=\0",
        "aGk=====",
        "+",
    ],
)
def test_what_is_no_base64_is_a_parse_error(text: str) -> None:
    """Padding is whole where it is there, and only at the end."""
    with pytest.raises(RunFailure, match=r"^ParseError: the text is no base64: ") as caught:
        encodings.base64_decode(text)
    assert caught.value.message.isascii()  # no part of the text, which may be a secret


def test_blanks_are_passed_over() -> None:
    """Unicode's blanks, too."""
    assert encodings.base64_decode(" a\tG\nk\u2003=\r\n").text == "hi"
    assert encodings.hex_decode("68:69\n 6A\u00a0:").text == "hij"
    assert encodings.base64_decode(" ") == ("", b"")


@pytest.mark.parametrize("text", ["6", "0x68", "6g", "\uff16\uff18", "68-69"])
def test_what_is_not_hexadecimal_is_a_parse_error(text: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError: the text is not hexadecimal: "):
        encodings.hex_decode(text)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"\xff", "ff"),
        (None, ""),
        (1.0, "31"),
        (True, "74727565"),
        ({"a": [1]}, "7b2261223a5b315d7d"),
        (datetime(2026, 3, 5, tzinfo=UTC), b"2026-03-05T00:00:00.000Z".hex()),
    ],
)
def test_a_value_is_taken_as_its_bytes_or_as_its_text(value: Any, wanted: str) -> None:
    assert encodings.hex_encode(value) == wanted


def test_half_a_character_is_no_text() -> None:
    for encode in (encodings.hex_encode, encodings.base64_encode, encodings.url_encode):
        with pytest.raises(RunFailure, match=r"^ConversionError: pin value: "):
            encode("a\ud800")


def test_a_text_that_would_be_too_long_is_not_made() -> None:
    """It is counted first."""
    for encode in (encodings.hex_encode, encodings.base64_encode):
        with pytest.raises(RunFailure, match=r"^LimitError: .*10 MiB"):
            encode(LONG)
    with pytest.raises(RunFailure, match=r"^LimitError: .*10 MiB"):
        encodings.url_encode("é" * 2 * 2**20)
    assert len(encodings.url_encode(" " * 2**20, plus=True)) == 2**20


@pytest.mark.parametrize(
    ("text", "plus", "wanted"),
    [
        ("%", False, "%"),
        ("%4", False, "%4"),
        ("%C3%A9%20", False, "é "),
        ("é%C3%A9", False, "éé"),
        ("%2B+", True, "+ "),
        ("%2520", False, "%20"),
    ],
)
def test_a_percent_sign_without_digits_stays(text: str, plus: bool, wanted: str) -> None:
    assert encodings.url_decode(text, plus=plus) == wanted


def test_an_address_of_other_bytes_is_a_parse_error() -> None:
    """Half a character, too."""
    for text in ("%ff", "%C3", "%C3é"):
        with pytest.raises(RunFailure, match=r"^ParseError: .* no UTF-8"):
            encodings.url_decode(text)


@pytest.mark.parametrize(
    ("data", "encoding", "wanted"),
    [
        (b"\xef\xbb\xbfa", "utf-8", "a"),
        (b"\xff\xfea\0", "utf-16", "a"),
        (b"\xfe\xff\0a", "utf-16", "a"),
        (b"a\0", "utf-16", "a"),
        (b"\xff\xfe", "utf-16", ""),
        (b"\xef\xbb\xbf", "latin-1", "ï»¿"),
        (b"\x80", "windows-1252", "€"),
        (b"a", "ascii", "a"),
    ],
)
def test_bytes_are_read_by_their_encoding(data: bytes, encoding: str, wanted: str) -> None:
    """A byte order mark says which half comes first, and is taken off."""
    assert encodings.binary_to_text(data, encoding) == wanted


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xff", "utf-8"),
        (b"a", "utf-16"),
        (b"\0\xd8", "utf-16"),
        (b"\x81", "windows-1252"),
        (b"\x80", "ascii"),
    ],
)
def test_bytes_that_do_not_fit_are_a_parse_error(data: bytes, encoding: str) -> None:
    """Unless they are to be replaced."""
    with pytest.raises(RunFailure, match=f"^ParseError: the bytes are no {encoding}: .* at 0"):
        encodings.binary_to_text(data, encoding)
    assert encodings.binary_to_text(data, encoding, replace=True) == "\ufffd"


def test_a_text_of_bytes_may_be_longer_than_they_are() -> None:
    """In UTF-8, which is what counts."""
    with pytest.raises(RunFailure, match=r"^LimitError: .*10 MiB"):
        encodings.binary_to_text(b"\xe9" * 6 * 2**20, "latin-1")
