"""Where the API is and who calls: flags, environment, stored contexts."""

import stat

import pytest

from dragops.cli.config import Config, Context
from dragops.cli.options import Wanted
from dragops.cli.place import find_place, url_of
from dragops.errors import BadInput, DragopsError
from support.api_door import TOKEN
from support.command import Command
from support.served_api import ServedApi

HOME = Context("home", "http://home", "token-home", workspace="attic")
WORK = Context("work", "https://work:8443", "token-work")
STORED = Config((HOME, WORK), "home")
_ADA = "system:serviceaccount:team-a:ada"
ENV = {"DRAGOPS_URL": "http://env", "DRAGOPS_TOKEN": "token-env", "DRAGOPS_WORKSPACE": "e"}


@pytest.mark.parametrize(
    ("wanted", "environ", "place"),
    [
        (Wanted(), {}, ("http://home", "token-home", "attic")),
        (Wanted(workspace="w"), {}, ("http://home", "token-home", "w")),
        (Wanted(context="work"), {}, ("https://work:8443", "token-work", None)),
        (Wanted(), {"DRAGOPS_CONTEXT": "work"}, ("https://work:8443", "token-work", None)),
        (Wanted(), ENV, ("http://env", "token-env", "e")),
        (Wanted(context="work"), ENV, ("https://work:8443", "token-work", None)),
        (Wanted(url="http://flag"), ENV, ("http://flag", "token-env", "e")),
        (Wanted(url="http://flag", token="f"), {}, ("http://flag", "f", None)),
        (Wanted(token="f"), {}, ("http://home", "f", "attic")),
        (Wanted(workspace="w"), ENV, ("http://env", "token-env", "w")),
    ],
)
def test_flags_come_before_the_environment_and_that_before_contexts(
    wanted: Wanted, environ: dict[str, str], place: tuple[str, str, str | None]
) -> None:
    """A context that is named comes before the environment."""
    found = find_place(wanted, environ, STORED)

    assert (found.url, found.token, found.workspace) == place


@pytest.mark.parametrize(
    ("wanted", "environ", "told"),
    [
        (Wanted(url="http://flag"), {}, "no token for http://flag"),
        (Wanted(), {"DRAGOPS_URL": "http://env"}, "no token for http://env"),
        (Wanted(context="moon"), {}, "context 'moon' does not exist"),
        (Wanted(workspace="No!"), {}, "is not the name of a namespace"),
    ],
)
def test_a_stored_token_never_goes_to_another_address(
    wanted: Wanted, environ: dict[str, str], told: str
) -> None:
    """An address from elsewhere needs a token from elsewhere."""
    with pytest.raises(DragopsError, match=told):
        find_place(wanted, environ, STORED)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://h", "http://h"),
        ("https://h:1/", "https://h:1"),
        (" http://h/api/ ", "http://h"),
        ("http://h/dragops/api", "http://h/dragops"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("h", None),
        ("", None),
        ("ftp://h", None),
        ("http://", None),
        ("http://h:0", None),
        ("http://h:99999", None),
        ("http://[::1", None),
        ("http://u:p@h", None),
        ("http://h?a=b", None),
    ],
)
def test_an_address_is_read_or_refused(text: str, url: str | None) -> None:
    """What people paste is forgiven where its meaning is plain."""
    if url:
        assert url_of(text, "--url") == url
        return
    with pytest.raises(BadInput):
        url_of(text, "--url")


def test_a_machine_that_knows_nothing_says_how_to_begin(alone: Command) -> None:
    """Exit code 4: nobody is logged in."""
    ran = alone("health")

    assert ran.code == 4
    assert "dragops login" in ran.err
    assert "DRAGOPS_URL" in ran.err


def test_login_stores_what_works_for_its_owner_only(api: ServedApi, alone: Command) -> None:
    """After it every command knows where and who."""
    made = alone.good("login", "--url", api.url + "/", "--token", "-", stdin=f"{TOKEN}\n")

    assert made.out == f"You are {_ADA} at {api.url}, workspace team-a.\n"
    assert stat.S_IMODE(alone.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(alone.config.parent.stat().st_mode) == 0o700
    assert f"Workspace  team-a\nAPI        {api.url}\n" in alone.good("whoami").out
    checked = alone.good("login", "--check", "-o", "json").json
    assert (checked["username"], checked["url"]) == (_ADA, api.url)


def test_a_token_that_is_not_good_is_not_stored(api: ServedApi, alone: Command) -> None:
    """The API is asked first."""
    ran = alone("login", "--url", api.url, "--token", "bad")

    assert ran.code == 4
    assert "(UNAUTHENTICATED)" in ran.err
    assert not alone.config.exists()


@pytest.mark.parametrize("token", ["", " ", "a\nb", "ü"])
def test_a_token_that_cannot_be_one_is_not_sent(alone: Command, token: str) -> None:
    """A header cannot carry it."""
    ran = alone("login", "--url", "http://127.0.0.1:9", "--token", "-", stdin=token)

    assert (ran.code, ran.err) == (4, "Error: that is no token\n")


def test_contexts_are_listed_chosen_and_removed(api: ServedApi, alone: Command) -> None:
    """Tokens are never shown."""
    for name in ("one", "two"):
        alone.good("login", "--url", api.url, "--token", TOKEN, "--context", name)

    listed = alone.good("contexts", "list")
    lines = [line.split() for line in listed.out.splitlines()[1:]]
    assert lines == [["one", api.url], ["*", "two", api.url]]
    alone.good("contexts", "use", "one")
    alone.good("contexts", "delete", "two")
    assert alone("contexts", "use", "two").code == 3
    left = alone.good("contexts", "list", "-o", "json")
    assert [(c["name"], c["current"]) for c in left.json] == [("one", True)]
    assert TOKEN not in left.out + listed.out


@pytest.mark.parametrize(
    "text", ["[", "- a", "contexts: 3", "contexts: [{name: a}]", "a: b", "\x00"]
)
def test_a_config_that_is_none_is_told_with_its_path(alone: Command, text: str) -> None:
    """It is not overwritten, either."""
    alone.config.parent.mkdir(parents=True)
    alone.config.write_text(text)
    alone.config.chmod(0o600)

    ran = alone("contexts", "list")

    assert ran.code == 2
    assert str(alone.config) in ran.err
    assert alone.config.read_text() == text


def test_a_config_that_others_may_read_is_told_of(alone: Command) -> None:
    """It holds tokens."""
    alone.config.parent.mkdir(parents=True)
    alone.config.write_text("contexts: []\n")
    alone.config.chmod(0o644)

    ran = alone.good("contexts", "list")

    assert f"chmod 600 {alone.config}" in ran.err


def test_a_place_for_the_config_that_cannot_be_written_is_told(
    api: ServedApi, alone: Command
) -> None:
    """No folder can be made there."""
    ran = alone("login", "--url", api.url, "--token", TOKEN, XDG_CONFIG_HOME="/proc/nowhere")

    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_flags_stand_before_or_after_the_commands_name(api: ServedApi, alone: Command) -> None:
    """The nearer one wins."""
    flags = ("--url", api.url, "--token", TOKEN)

    before = alone.good(*flags, "-w", "team-b", "whoami", "-o", "json").json
    nearer = alone.good(*flags, "-w", "team-b", "whoami", "-n", "default", "-o", "json").json

    assert (before["workspace"], nearer["workspace"]) == ("team-b", "default")
