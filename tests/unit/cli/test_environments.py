"""Environments from the command line: values go in, secrets never come out."""

from pathlib import Path

import pytest

from support.command import Command
from support.product import LOGGER
from support.served_api import ServedApi

SECRET = "hunter2-and-more"


@pytest.fixture
def env(dragops: Command) -> str:
    """An Environment with a variable and a secret."""
    words = ("env", "create", "Production", "REGION=eu", "--secret", "API_KEY", "-o", "name")
    return dragops.good(*words, stdin=f"{SECRET}\n").out.strip()


def test_an_environment_shows_its_variables_and_the_names_of_its_secrets(
    dragops: Command, env: str
) -> None:
    """By id or by name."""
    page = dragops.good("env", "get", "Production").out
    data = dragops.good("env", "get", env, "-o", "json")
    listed = dragops.good("env", "list").rows

    assert "Secrets          API_KEY\n" in page
    assert "variable REGION  eu\n" in page
    assert (data.json["variables"], data.json["secrets"]) == ({"REGION": "eu"}, ["API_KEY"])
    assert listed[1][:3] == [env, "Production", "yes"]
    assert SECRET not in page + data.out


def test_what_is_set_leaves_the_rest(dragops: Command, env: str, tmp_path: Path) -> None:
    """Variables and secrets alike; a value may hold anything, also an equals sign."""
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN\nKEY\n")

    dragops.good("env", "set", env, "A=b=c", "EMPTY=", "--secret-file", f"KEY={file}")

    data = dragops.good("env", "get", env, "-o", "json").json
    assert data["variables"] == {"REGION": "eu", "A": "b=c", "EMPTY": ""}
    assert sorted(data["secrets"]) == ["API_KEY", "KEY"]


def test_what_is_unset_is_gone_and_the_rest_stays(dragops: Command, env: str) -> None:
    """One word for both kinds; a name that is neither is told."""
    dragops.good("env", "set", env, "B=1")
    dragops.good("env", "unset", env, "REGION", "API_KEY")
    missing = dragops("env", "unset", env, "REGION")

    data = dragops.good("env", "get", env, "-o", "json").json
    assert (data["variables"], data["secrets"]) == ({"B": "1"}, [])
    assert (missing.code, "'REGION' does not exist" in missing.err) == (3, True)


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        ((f"API_KEY{SECRET}",), "", "argument 1: is not NAME=VALUE"),
        (("--secret", f"API_KEY={SECRET}"), "", "API_KEY: a value on the command line is seen"),
        (("--secret", "A", "--secret", "B"), SECRET, "only one value can be piped in"),
        (("--secret", "A"), "", "stdin is empty"),
        (("--secret-file", f"A{SECRET}"), "", "argument 1: is not NAME=VALUE"),
        (("--secret-file", "A=/nowhere"), "", "--secret-file A: No such file or directory"),
        ((), "", "give NAME=VALUE"),
    ],
)
def test_no_error_repeats_what_may_be_a_secret(
    dragops: Command, env: str, words: tuple[str, ...], stdin: str, told: str
) -> None:
    """Errors end up in the logs of pipelines."""
    ran = dragops("env", "set", env, *words, stdin=stdin)

    assert ran.code == 2
    assert told in ran.err
    assert SECRET not in ran.err + ran.out


def test_a_name_that_cannot_be_one_is_refused_by_the_api(dragops: Command, env: str) -> None:
    """Its message says which, and not the value."""
    ran = dragops("env", "set", env, f"a b={SECRET}")

    assert (ran.code, "(VALIDATION)" in ran.err) == (1, True)
    assert SECRET not in ran.err


def test_a_deployment_runs_with_the_environment_that_is_named(
    api: ServedApi, dragops: Command, env: str
) -> None:
    """Then it cannot be deleted; one that nobody uses, or no longer uses, can."""
    pattern = api.behind(lambda door: door.deployed(LOGGER))[0]
    unused = dragops.good("env", "create", "Unused", "-o", "name").out.strip()

    dragops.good("deploy", pattern, "--env", "Production")
    missing = dragops("deploy", pattern, "--env", "nowhere")
    used = dragops("env", "delete", env, "--yes")
    both = dragops("deploy", pattern, "--env", "Production", "--no-env")
    dragops.good("deploy", pattern, "--no-env")
    freed = dragops.good("env", "delete", env, "--yes")
    gone = dragops.good("env", "delete", "Unused", "--yes")

    assert (missing.code, "'nowhere' does not exist" in missing.err) == (3, True)
    assert (used.code, "(CONFLICT)" in used.err) == (1, True)
    assert (both.code, "--no-env" in both.err) == (2, True)
    assert freed.out == f"{env} is deleted.\n"
    assert gone.out == f"{unused} is deleted.\n"
