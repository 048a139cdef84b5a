"""The command at its door: words in, exit code and both outputs back."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from typer.testing import CliRunner

from dragops.cli.app import app

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_UNSET = (
    *("DRAGOPS_URL", "DRAGOPS_TOKEN", "DRAGOPS_WORKSPACE", "DRAGOPS_CONTEXT", "KUBECONFIG"),
    *("DRAGOPS_WEBHOOK_SECRET", "FORCE_COLOR", "COLUMNS"),
    *_PROXIES,
    *(name.lower() for name in _PROXIES),
)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Give stdout as JSON."""
        return orjson.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """Give a table's cells, empty ones left out: columns stand two spaces apart."""
        return [re.split(r" {2,}", line) for line in self.out.splitlines()]


class Command:
    """Runs ``dragops`` with a home of its own and nothing of this machine's settings."""

    def __init__(self, home: Path, **env: str) -> None:
        self.home = home
        self._env: dict[str, str | None] = {
            **dict.fromkeys(_UNSET),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "NO_COLOR": "1",
            **env,
        }

    @property
    def config(self) -> Path:
        """Give the file of contexts."""
        return self.home / ".config" / "dragops" / "config.yaml"

    def __call__(self, *words: str, stdin: str = "", **env: str | None) -> Ran:
        ran = CliRunner().invoke(app, words, input=stdin, env=self._env | env)
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def good(self, *words: str, stdin: str = "", **env: str | None) -> Ran:
        """Run a command that must end well."""
        ran = self(*words, stdin=stdin, **env)
        assert ran.code == 0, f"dragops {' '.join(words)}: {ran.code}\n{ran.out}{ran.err}"
        return ran
