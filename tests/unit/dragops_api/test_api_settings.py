"""What can be set, and what is said about wrong settings."""

import json
from typing import Any

import pytest

from dragops_api.settings import read_settings


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around the items mean nothing."""
    monkeypatch.setenv("DRAGOPS_WORKSPACES", "default, team-a ,")
    monkeypatch.setenv("DRAGOPS_ENGINES", "a=http://x:1|http://x:2,a=http://y:1|http://y:2")

    settings = read_settings()

    assert settings.workspaces == ("default", "team-a")
    assert len(settings.engines) == 2


ISSUER = {"issuer": "https://login.example.com", "audiences": ["dragops"]}
OTHER = ISSUER | {"issuer": "https://other.example.com"}


def test_issuers_are_a_json_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the names of the chart's values, and nothing is one issuer too few."""
    own = OTHER | {"usernamePrefix": "o:", "groupsPrefix": "o:", "algorithms": ["ES256"]}
    monkeypatch.setenv("DRAGOPS_OIDC", json.dumps([ISSUER, own]))

    first, second = read_settings().oidc

    assert (first.username_claim, first.username_prefix, first.algorithms) == (
        "sub",
        "oidc:",
        ("RS256",),
    )
    assert (second.username_prefix, second.algorithms) == ("o:", ("ES256",))
    monkeypatch.setenv("DRAGOPS_OIDC", "")
    assert read_settings().oidc == ()


@pytest.mark.parametrize(
    ("issuers", "said"),
    [
        ("[", "is not JSON"),
        ({}, "valid tuple"),
        ([{"issuer": "https://x"}], "(at 0.audiences): Field required"),
        ([ISSUER | {"audiences": []}], "at least 1 item"),
        ([ISSUER | {"issuer": "http://login.example.com"}], "is no https URL"),
        ([ISSUER | {"issuer": "login.example.com"}], "is no https URL"),
        ([ISSUER | {"issuer": "https://"}], "is no https URL"),
        ([ISSUER | {"jwksUrl": "http://keys.example.com"}], "is no https URL"),
        ([ISSUER | {"algorithms": ["HS256"]}], "(at 0.algorithms.0)"),
        ([ISSUER | {"algorithms": ["none"]}], "(at 0.algorithms.0)"),
        ([ISSUER | {"algorithms": []}], "at least 1 item"),
        ([ISSUER | {"usernamePrefix": "system:"}], "belong to Kubernetes"),
        ([ISSUER | {"groupsPrefix": "system:x:"}], "belong to Kubernetes"),
        ([ISSUER | {"leewaySeconds": 3600}], "less than or equal to 300"),
        ([ISSUER | {"certificateAuthority": "nonsense"}], "no certificate in PEM"),
        ([ISSUER | {"extra": {"tenant": "t"}}], "(at 0.extra.tenant"),
        (
            [ISSUER | {"extra": {"authentication.kubernetes.io/x": "t"}}],
            "belongs to Kubernetes",
        ),
        ([ISSUER | {"clientSecret": "x"}], "(at 0.clientSecret): Extra inputs"),
        ([ISSUER, ISSUER], "is there twice"),
        ([ISSUER, OTHER], "both could name the same person"),
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    issuers: Any,
    said: str,
) -> None:
    """One sentence, which says where."""
    text = issuers if isinstance(issuers, str) else json.dumps(issuers)
    monkeypatch.setenv("DRAGOPS_OIDC", text)

    with pytest.raises(SystemExit) as ended:
        read_settings()

    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.startswith("DRAGOPS_OIDC")
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DRAGOPS_PORT", "http", "DRAGOPS_PORT: "),
        ("DRAGOPS_PORT", "70000", "DRAGOPS_PORT: "),
        ("DRAGOPS_ENGINES", "a=http://x:1", "namespace=publicurl|internalurl"),
        ("DRAGOPS_BODY_BYTES", "1", "DRAGOPS_BODY_BYTES: "),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    """It names the variable."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        read_settings()

    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in told
    assert told.count("\n") == 1
