"""What a mask finds of a secret, and what it leaves alone."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.engine.masking import HIDDEN, NO_MASK, SECRET_MIN, Mask

PEM = "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n"
URL = "https://hooks.example.com/T1/x?a=b&c=d e"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3cret", "***"),
        ("token=s3cret;", "token=***;"),
        ("s3crets3cret", "******"),
        ("s3cre", "s3cre"),
        ("", ""),
    ],
)
def test_a_secret_is_hidden_inside_a_longer_text(text: str, shown: str) -> None:
    assert Mask(["s3cret"]).text(text) == shown


@pytest.mark.parametrize(
    "form",
    [
        lambda s: s,
        lambda s: f" {s.strip()} ",
        lambda s: json.dumps({"key": s}),
        lambda s: json.dumps({"key": s}, ensure_ascii=False),
        lambda s: f"pin a: {s!r} cannot be converted",
        lambda s: quote(s, safe=""),
        quote_plus,
        lambda s: base64.b64encode(s.strip().encode()).decode(),
        lambda s: base64.b64encode(f"user:{s.strip()}".encode()).decode(),
        lambda s: base64.urlsafe_b64encode(f"me:{s.strip()}!".encode()).decode(),
        lambda s: s.encode().decode("latin-1"),
    ],
)
@pytest.mark.parametrize("secret", ["s3cret", 'pä"ss\\w?rd\n', URL, "4>>>???~~~"])
def test_a_secret_is_hidden_in_the_forms_that_nodes_give_it(secret: str, form: Any) -> None:
    """JSON, a quoted value, URL, base64 wherever it begins, bytes as text."""
    text = form(secret)

    shown = Mask([secret]).text(text)

    assert HIDDEN in shown
    assert secret.strip() not in shown
    assert base64.b64encode(secret.strip().encode()).decode()[2:-4] not in shown


def test_each_line_of_a_key_is_hidden() -> None:
    """A pattern may log them one by one."""
    mask = Mask([PEM])

    assert [mask.text(line) for line in PEM.splitlines()] == [HIDDEN] * 4


@pytest.mark.parametrize("cut", ["{}…", "{}", "pin a: '{}…' is no number", "key '{}'"])
def test_the_beginning_of_a_secret_is_hidden_where_a_text_was_cut(cut: str) -> None:
    """Messages quote 200 characters of a value at most."""
    secret = "abcdefgh" * 40

    shown = Mask([secret]).text(cut.format(secret[:199]))

    assert shown == cut.format(HIDDEN)


def test_what_only_begins_like_a_secret_is_left() -> None:
    """Or every address of the host would be hidden."""
    text = "see https://hooks.example.com/docs"

    assert Mask([URL]).text(text) == text


def test_a_secret_that_holds_another_one_is_hidden_as_a_whole() -> None:
    assert Mask(["pass", "password"]).text("my password, my pass") == "my ***, my ***"


def test_a_secret_of_less_than_four_characters_is_not_hidden() -> None:
    """It would hide parts of every text: docs/environments.md says so."""
    assert Mask(["abc", " ab \n"]).text("abcd") == "abcd"


def test_a_value_is_searched_to_its_bottom() -> None:
    """Keys, items, bytes and numbers; everything else stays as it is."""
    mask = Mask(["s3cret", "12345"])
    value = {"a s3cret": [("s3cret", 12345, 1234.5)], "b": b"\xffs3cret", "c": None, "d": True}

    assert mask.value(value) == {
        "a ***": [[HIDDEN, HIDDEN, 1234.5]],
        "b": b"\xff***",
        "c": None,
        "d": True,
    }


def test_without_secrets_a_value_is_not_even_copied() -> None:
    value = {"a": [1]}

    assert NO_MASK.value(value) is value


def test_a_value_may_be_nested_without_end() -> None:
    """It is cut like the records are, and no stack overflows."""
    value: Any = "s3cret"
    for _ in range(5_000):
        value = [value]

    assert "s3cret" not in str(Mask(["s3cret"]).value(value))


@given(
    secrets=st.lists(st.text(min_size=SECRET_MIN, max_size=30), max_size=4),
    parts=st.lists(st.text(max_size=12), max_size=4),
    data=st.data(),
)
def test_no_secret_is_ever_left(secrets: list[str], parts: list[str], data: Any) -> None:
    """Whatever stands around it; what is left may only be made of the mask itself."""
    wanted = [s.strip() for s in secrets if len(s.strip()) >= SECRET_MIN and "*" not in s]
    chosen = data.draw(st.lists(st.sampled_from(wanted))) if wanted else []
    text = "".join(data.draw(st.permutations([*parts, *chosen])))

    shown = Mask(wanted).text(text)

    assert not [secret for secret in wanted if secret in shown]
