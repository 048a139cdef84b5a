"""Changes Environments: what is typed, asked for or piped in becomes variables and secrets.

No value is ever part of an error: what was meant as a name may be a secret.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from dragops.cli.api import Api, part
from dragops.cli.failures import CallRefused
from dragops.cli.finding import find_environment
from dragops.errors import BadInput

_ATTEMPTS = 4
Object = dict[str, Any]


def change_environment(api: Api, word: str, change: Callable[[Object], Object]) -> Any:
    """Read an Environment, change it and write it, again when somebody else was faster."""
    id_ = str(find_environment(api, word)["id"])
    path = f"/api/environments/{part(id_)}"
    for attempt in range(1, _ATTEMPTS + 1):
        answer = api.get(path)
        body = {"name": answer.data["name"], **change(answer.data)}
        headers = {"If-Match": answer.headers.get("ETag", "*")}
        try:
            return api.call("PUT", path, body, headers=headers, query={"wait": 30})
        except CallRefused as exc:
            if exc.code != "CONFLICT" or attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def assigned(words: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=VALUE``."""
    variables = {}
    for number, word in enumerate(words, 1):
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise BadInput(f"argument {number}", "is not NAME=VALUE")
        variables[name] = value
    return variables


def secrets_of(names: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """Get the values of secrets: from files, from stdin, or from the person at the terminal."""
    for name in names:
        if "=" in name:
            told = f"{name.partition('=')[0]}: a value on the command line is seen by others"
            raise BadInput("--secret", f"{told}; give the name only")
    secrets = {}
    for name, path in assigned(files).items():
        try:
            secrets[name] = Path(path).read_text("utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as exc:
            raise BadInput(f"--secret-file {name}", _reason(exc)) from exc
    if names and not sys.stdin.isatty():
        return secrets | _piped(names)
    asked = {name: str(typer.prompt(f"{name}", hide_input=True, err=True)) for name in names}
    return secrets | asked


def _piped(names: Sequence[str]) -> dict[str, str]:
    if len(names) > 1:
        raise BadInput("--secret", "only one value can be piped in; use --secret-file for others")
    value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise BadInput(f"--secret {names[0]}", "stdin is empty")
    return {names[0]: value}


def _reason(exc: OSError | UnicodeDecodeError) -> str:
    return exc.strerror or "cannot be read" if isinstance(exc, OSError) else "is no text in UTF-8"
