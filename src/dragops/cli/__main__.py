"""Starts the command: ``dragops`` or ``python -m dragops.cli``."""

import io
import sys


def main() -> None:
    """Run one command, or say which packages are missing for that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a console of few characters shows the others as escapes, instead of none at all
            stream.reconfigure(errors="backslashreplace")
    extras = "cli"
    try:
        from dragops.cli.app import app  # noqa: PLC0415  # only here can its absence be told

        extras = "cli,engine"
        app(prog_name="dragops")
    except ModuleNotFoundError as exc:
        # what nodes and runs need is the engine's, and no part of a light command
        if (exc.name or "dragops").startswith("dragops"):
            raise
        sys.exit(f"the command needs {exc.name}: pip install 'dragops[{extras}]'")


if __name__ == "__main__":
    main()
