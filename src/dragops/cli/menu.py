"""The list of commands. A command's module is loaded when it is called, so that help is quick."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typing_extensions import override

from dragops.cli.failures import MEANINGS

MENU = {
    "Without a cluster": {
        "check": "Say everything that is wrong with the patterns of files, and where.",
        "run": "Run the pattern of a file here, as an engine would.",
        "nodes": "List the nodes that patterns are made of, or show one with its pins.",
        "graph": "Draw the pattern of a file: as Mermaid text, or as an SVG picture.",
        "compile": "Show the program that the pattern of a file compiles to.",
        "packs": "Check integration packs, and show their nodes.",
    },
    "Connection": {
        "login": "Store where DragOps is and who you are.",
        "contexts": "List, choose and remove what login has stored.",
        "whoami": "Say who you are for the API, and in which workspace.",
        "health": "Show the system in a few numbers.",
        "doctor": "Find what is wrong, and say how to mend it.",
    },
    "Patterns": {
        "patterns": "List, read, write and check patterns.",
        "deploy": "Compile a pattern and make it live.",
        "undeploy": "Stop every trigger of a pattern; runs and URLs stay.",
        "env": "List, read, make and change Environments.",
    },
    "Deployments": {
        "deployments": "List, read and delete deployments.",
        "execute": "Run a deployment now, and wait for the end.",
        "pause": "Stop triggers and runs until resumed.",
        "resume": "Let a paused deployment go on.",
        "redeploy": "Push the live program to the engines again.",
        "webhook": "List, try and renew webhook endpoints.",
        "schedule": "Change the cron expression of a schedule.",
        "versions": "List the versions of a deployment, or show the program of one.",
        "rollback": "Run an earlier version, and stay with it until the next deploy.",
    },
    "Runs": {
        "runs": "List, read, repeat and cancel runs.",
        "logs": "Show what runs have written.",
    },
}
"""Sections of the help; the sentences are those of the commands, kept equal by a test."""


class Menu(TyperGroup):
    """The root command: knows all others by name and sentence only."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for commands in MENU.values():
            for name, sentence in commands.items():
                self.add_command(TyperCommand(name, help=sentence, callback=None))

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is called, and load it."""
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if stub and name else None, rest

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands by section, then the exit codes."""
        for heading, commands in MENU.items():
            with formatter.section(heading):
                formatter.write_dl(list(commands.items()), col_max=14)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), told) for code, told in MEANINGS.items()])


def load(name: str) -> Any:
    """Load a command's module and give its command."""
    module = import_module(f"dragops.cli.commands.{name}")
    app: typer.Typer = module.app
    return get_command(app)
