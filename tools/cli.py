"""Write the reference of the command into docs/cli.md, below its mark; ``--check`` compares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made

from dragops.cli.failures import MEANINGS
from dragops.cli.menu import MENU, load
from dragops.cli.options import SHARED

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
MARK = "<!-- Below this line: made by tools/cli.py from the commands; make fmt writes it. -->\n"


def reference() -> str:
    """Give the part that is made: exit codes, shared options, each command."""
    lines = ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {told} |" for code, told in MEANINGS.items()]
    lines += [
        "",
        "## Options of every command that reaches the API",
        "",
        *_table(_shared(load("whoami").params)),
    ]
    for section, commands in MENU.items():
        lines += ["", f"## {section}"]
        for name in commands:
            lines += _described(f"dragops {name}", load(name))
    return "\n".join(lines) + "\n"


def _described(words: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if inner:
        for name, sub in inner.items():
            yield from _described(f"{words} {name}", sub)
        return
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([words, *map(_said, arguments)])
    yield from ("", f"### `{usage}`", "", *command.help.strip().splitlines())
    options = [p for p in command.params if p.param_type_name == "option"]
    reaches = {p.name for p in options} >= SHARED.keys()
    own = [p for p in options if not (reaches and p.name in SHARED)]
    if rows := [*_table([*arguments, *own])]:
        yield from ("", *rows)


def _said(argument: Any) -> str:
    named = str(argument.metavar) if argument.required else f"[{argument.metavar}]"
    return named if argument.nargs == 1 else f"{named}..."


def _table(params: list[Any]) -> Iterator[str]:
    if params:
        yield from ("| option | meaning |", "|---|---|")
    for param in params:
        names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
        if param.param_type_name == "argument":
            names = f"`{param.metavar}`"
        yield f"| {names} | {_meaning(param)} |".replace("RUN|DEP", "RUN\\|DEP")


def _meaning(param: Any) -> str:
    told = param.help
    if choices := param.type_descriptor.choices:
        told += " One of: " + ", ".join(str(choice.value) for choice in choices) + "."
    default = getattr(param.default, "value", param.default)
    if isinstance(default, str | int) and not isinstance(default, bool):
        told += f" Default: `{default}`."
    return told


def _shared(params: list[Any]) -> list[Any]:
    return [param for param in params if param.name in SHARED]


def main() -> int:
    """Write the page, or say that it is stale."""
    return made.write([made.below(PAGE, MARK, reference())])


if __name__ == "__main__":
    sys.exit(main())
