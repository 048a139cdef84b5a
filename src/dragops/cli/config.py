"""``~/.config/dragops/config.yaml``: the contexts that ``dragops login`` has stored.

It holds tokens, so it is written with mode 0600, whole or not at all.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from dragops.errors import BadInput

_FIELDS = {
    "name": "name",
    "url": "url",
    "token": "token",
    "workspace": "workspace",
    "certificateAuthority": "authority",
    "kubeconfig": "kubeconfig",
    "kubeContext": "kube_context",
    "serviceAccount": "service_account",
}


@dataclass(frozen=True, slots=True)
class Context:
    """One API and a token for it; the last three say how the token was made, to renew it."""

    name: str
    url: str
    token: str
    workspace: str | None = None
    authority: str | None = None
    kubeconfig: str | None = None
    kube_context: str | None = None
    service_account: str | None = None
    """``namespace/name``."""


@dataclass(frozen=True, slots=True)
class Config:
    """All contexts, and the one that is meant when none is named."""

    contexts: tuple[Context, ...] = ()
    current: str | None = None

    def find(self, name: str) -> Context | None:
        """Give a context by name."""
        return next((context for context in self.contexts if context.name == name), None)

    def with_context(self, context: Context) -> "Config":
        """Give the config with this context in it, and current."""
        others = tuple(other for other in self.contexts if other.name != context.name)
        return Config((*others, context), context.name)

    def without(self, name: str) -> "Config":
        """Give the config without a context; the current one may then be none."""
        others = tuple(other for other in self.contexts if other.name != name)
        return Config(others, None if self.current == name else self.current)

    def using(self, name: str) -> "Config":
        """Give the config with another current context."""
        return replace(self, current=name)


def config_path(environ: Mapping[str, str]) -> Path:
    """Say where the file is: ``XDG_CONFIG_HOME``, else ``~/.config``."""
    home = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "dragops" / "config.yaml"


def kubeconfig_path(given: str | None, environ: Mapping[str, str]) -> str | None:
    """Say which file kubectl would take: the given, ``KUBECONFIG``, the one at home."""
    at_home = Path.home() / ".kube" / "config"
    path = given or environ.get("KUBECONFIG") or (str(at_home) if at_home.exists() else None)
    if given and not Path(given).exists():
        raise BadInput("--kubeconfig", f"{given} is not there")
    return path


def read_config(path: Path) -> Config:
    """Read the file; one that is not there is empty; BadInput says what is wrong in it."""
    try:
        data = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise BadInput(str(path), f"cannot be read: {' '.join(str(exc).split())}") from exc
    if data is None:
        return Config()
    contexts = data.get("contexts") if isinstance(data, dict) else None
    if not isinstance(contexts, list):
        raise BadInput(str(path), "is no config of dragops; move it away and log in again")
    current = data.get("currentContext")
    return Config(tuple(_context(path, item) for item in contexts), current and str(current))


def is_exposed(path: Path) -> bool:
    """Say whether others may read the file."""
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def write_config(path: Path, config: Config) -> None:
    """Write the file, whole, for its owner only."""
    data = {
        "currentContext": config.current,
        "contexts": [_plain(context) for context in config.contexts],
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes files of mode 0600
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".config-")
        with os.fdopen(handle, "w") as file:
            yaml.safe_dump(data, file, sort_keys=False, allow_unicode=True)
        Path(draft).replace(path)
    except OSError as exc:
        raise BadInput(str(path), f"cannot be written: {exc.strerror}") from exc


def _context(path: Path, item: object) -> Context:
    if not isinstance(item, dict) or not {"name", "url", "token"} <= item.keys():
        raise BadInput(str(path), "has a context without name, url or token; log in again")
    given = {_FIELDS[key]: value for key, value in item.items() if key in _FIELDS}
    fields: dict[str, Any] = {key: str(value) for key, value in given.items() if value is not None}
    return Context(**fields)


def _plain(context: Context) -> dict[str, str]:
    values = {key: getattr(context, field) for key, field in _FIELDS.items()}
    return {key: value for key, value in values.items() if value is not None}
