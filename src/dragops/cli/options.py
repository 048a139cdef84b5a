"""The options that every command has: where the API is, who calls, how the answer is shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How data is shown."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the flags say; None is unsaid."""

    url: str | None = None
    token: str | None = None
    workspace: str | None = None
    context: str | None = None

    def over(self, other: "Wanted") -> "Wanted":
        """Give these flags, completed by others."""
        return Wanted(
            self.url or other.url,
            self.token or other.token,
            self.workspace or other.workspace,
            self.context or other.context,
        )


Url = Annotated[
    str | None,
    typer.Option("--url", help="The API's address. Or DRAGOPS_URL."),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="A token; the environment is safer, as others can read command lines. "
        "Or DRAGOPS_TOKEN.",
    ),
]
Workspace = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        "-w",
        "--namespace",
        "-n",
        help="The namespace to work in. Or DRAGOPS_WORKSPACE.",
    ),
]
ContextName = Annotated[
    str | None,
    typer.Option(
        "--context",
        help="A context of `dragops login`; wins over the environment. Or DRAGOPS_CONTEXT.",
    ),
]
Output = Annotated[Format, typer.Option("--output", "-o", help="How to show it.")]
LOCATING = {"url": Url, "token": Token, "workspace": Workspace, "context": ContextName}
SHARED = {**LOCATING, "output": Output}
"""What each command has beside its own options."""
PatternWord = Annotated[
    str, typer.Argument(metavar="PATTERN", help="A pattern's id, or its name if that is unique.")
]
FileOption = Annotated[
    str, typer.Option("--file", "-f", help="A manifest, or the API's JSON; - is stdin.")
]
Limit = Annotated[
    int | None, typer.Option("--limit", "-l", min=1, help="At most so many; all without it.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether it is meant.")]
AllWorkspaces = Annotated[
    bool, typer.Option("--all-workspaces", "-A", help="Every workspace in which you may list.")
]
