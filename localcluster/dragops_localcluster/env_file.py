"""``.local/env``: what a shell needs to use the product of the last ``make up``."""

import shlex
from collections.abc import Mapping
from pathlib import Path


def write_env(path: Path, env: Mapping[str, str]) -> None:
    """Write it for ``. .local/env``; a token is in it, so it is its owner's only."""
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in env.items()]
    path.write_text("".join(lines))


def read_env(path: Path) -> dict[str, str]:
    """Read what was written; empty when there is nothing."""
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    pairs = [shlex.split(line)[1].partition("=") for line in lines if line]
    return {name: value for name, _, value in pairs}
