"""Starts the command: ``dragops`` or ``python -m dragops.cli``."""

import sys


def main() -> None:
    """Run one command, or say which packages are missing for that."""
    try:
        from dragops.cli.app import app  # noqa: PLC0415  # only here can its absence be told
    except ModuleNotFoundError as exc:
        if (exc.name or "dragops").startswith("dragops"):
            raise
        sys.exit(f"the command needs {exc.name}: pip install 'dragops[cli]'")
    app(prog_name="dragops")


if __name__ == "__main__":
    main()
