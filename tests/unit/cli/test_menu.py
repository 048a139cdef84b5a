"""The command itself: help, version, completion, usage faults, a token that ends soon."""

import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest

from dragops.cli.failures import EXITS, HINTS, MEANINGS, Exit, exit_of
from dragops.cli.menu import MENU, load
from dragops.errors import DragopsError
from dragops_api.errors import _AWAY, _MISSING, STATUSES
from support.command import Command

SENTENCES = {name: told for section in MENU.values() for name, told in section.items()}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_menu_says_of_a_command_what_the_command_says(name: str) -> None:
    """The menu is a copy, so that help need not load each command."""
    command = load(name)

    assert command.help.partition("\n")[0] == SENTENCES[name]


@pytest.mark.parametrize("name", SENTENCES)
def test_each_command_has_help_with_the_shared_options(alone: Command, name: str) -> None:
    """Every command of a group, too."""
    command = load(name)
    for words in [[name, inner] for inner in getattr(command, "commands", {})] or [[name]]:
        told = alone.good(*words, "--help").out

        reaches = () if name in MENU["Without a cluster"] else ("--url", "--context", "-w")
        assert all(option in told for option in (*reaches, "--output"))
        assert "{" not in told.partition("\n")[0]
        assert f"Usage: dragops {' '.join(words)}" in told


def test_help_lists_the_commands_and_what_exit_codes_mean(alone: Command) -> None:
    """Scripts rest on them."""
    told = alone.good("--help").out

    assert all(sentence in told for sentence in (*SENTENCES.values(), *MEANINGS.values()))


def test_every_exit_code_is_explained_and_every_error_has_one() -> None:
    """One table for all failures."""
    assert set(MEANINGS) == set(Exit)
    assert all(issubclass(kind, DragopsError) for kind in EXITS)
    assert exit_of(DragopsError("new")) is Exit.FAILED


def test_each_code_of_the_api_has_a_hint() -> None:
    """INTERNAL is left out: there is nothing that a caller could do."""
    codes = {code for _, code in STATUSES.values()} | {*_MISSING.values(), *_AWAY.values()}

    assert codes - {"INTERNAL"} <= HINTS.keys()


def test_no_command_and_a_wrong_one_are_faults_of_the_command_line(alone: Command) -> None:
    """A near miss is answered with what was meant."""
    assert alone().code == 2
    assert alone("patterns").code == 2
    ran = alone("patern")
    assert ran.code == 2
    assert "Did you mean 'patterns'?" in ran.err
    assert "No such command 'lst'" in alone("patterns", "lst").err
    assert alone("health", "--nope").code == 2
    assert alone("health", "-o", "xml").code == 2


def test_the_version_is_that_of_the_package(alone: Command) -> None:
    """One line, for bug reports."""
    assert alone.good("--version").out.startswith("dragops 0.")


@pytest.mark.parametrize(
    ("shell", "words"), [("bash", "complete -o"), ("zsh", "#compdef dragops"), ("fish", "complete")]
)
def test_the_completion_script_of_a_shell_is_shown(shell: str, words: str, tmp_path: Path) -> None:
    """The shell that runs the command is found by its process, so a test names it."""
    shown = _complete(tmp_path, "dragops", f"source_{shell}", "")

    assert words in shown


def test_a_shell_completes_commands_options_and_words(tmp_path: Path) -> None:
    """Without an API, and without loading what is not asked for."""
    for typed, offered in [
        ("dragops dep", {"deploy", "deployments"}),
        ("dragops patterns l", {"list"}),
        ("dragops runs list --sta", {"--status"}),
        ("dragops runs list --status f", {"failed"}),
    ]:
        assert offered == set(_complete(tmp_path, typed, "complete_bash").split())


def _complete(home: Path, words: str, instruction: str, cword: str = "") -> str:
    env = {
        "HOME": str(home),
        "_DRAGOPS_COMPLETE": instruction,
        "COMP_WORDS": words,
        "COMP_CWORD": cword or str(len(words.split()) - 1),
        "_TYPER_COMPLETE_ARGS": words,
    }
    command = [sys.executable, "-m", "dragops.cli"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return ran.stdout


def test_help_loads_neither_the_http_client_nor_the_cluster() -> None:
    """Starting must stay quick; what is slow to load is loaded by who needs it."""
    code = (
        "import sys, contextlib\nfrom dragops.cli.app import app\n"
        "with contextlib.suppress(SystemExit): app(['--help'])\n"
        "print(sorted({'urllib3', 'kubernetes', 'pydantic', 'rich', 'yaml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_console_of_few_characters_shows_the_others_as_escapes(tmp_path: Path) -> None:
    """Files are written in UTF-8 all the same."""
    file, picture = tmp_path / "pattern.yaml", tmp_path / "graph.svg"
    text = "name: Zo\u00eb \u7d42\ngraphData: {nodes: [{id: s, type: OnStart}]}\n"
    file.write_text(text, "utf-8")
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}

    def ran(*words: str) -> str:
        command = [sys.executable, "-m", "dragops.cli", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    assert 'title: "Zo\\xeb \\u7d42"' in ran("graph", str(file))
    ran("graph", str(file), "-o", str(picture))
    assert "Zo\u00eb \u7d42" in picture.read_text("utf-8")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-7_200, "ended 2h ago: dragops login"), (660, "ends in 10m: dragops login"), (86_400, "")],
)
def test_a_token_that_ends_soon_is_told_of(alone: Command, seconds: int, told: str) -> None:
    """Before it bites, with the command that mends it."""
    claims = {"exp": int(time.time()) + seconds, "aud": "dragops-api"}
    token = jwt.encode(claims, "k" * 32, algorithm="HS256")

    ran = alone("health", "--url", "http://127.0.0.1:9", "--token", token)

    note = ran.err.partition("Error:")[0]
    assert told in note
    assert bool(note) == bool(told)


@pytest.mark.parametrize("token", ["a.b.c", "....", "é.é.é", "a.bnVsbA.c", "a.eyJleHAiOjFlOTl9.c"])
def test_a_token_that_cannot_be_read_is_left_to_the_api(alone: Command, token: str) -> None:
    """Not every token is a JWT."""
    ran = alone("health", "--url", "http://127.0.0.1:9", "--token", token)

    assert ran.code == 5
