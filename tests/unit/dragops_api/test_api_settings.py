"""What can be set, and what is said about wrong settings."""

import pytest

from dragops_api.settings import read_settings


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around the items mean nothing."""
    monkeypatch.setenv("DRAGOPS_WORKSPACES", "default, team-a ,")
    monkeypatch.setenv("DRAGOPS_ENGINES", "a=http://x:1|http://x:2,a=http://y:1|http://y:2")

    settings = read_settings()

    assert settings.workspaces == ("default", "team-a")
    assert len(settings.engines) == 2


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
