"""What options give: a text itself, or where it is: ``@FILE``, and ``-`` for stdin."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from dragops.cli.files import name_of, read_bytes, read_text
from dragops.errors import BadInput
from dragops.model.marks import Mark, Misplaced

Event = Annotated[
    str | None,
    typer.Option(
        "--event",
        "-e",
        metavar="JSON|FILE",
        help="The run's event: a JSON object, or a file that holds one; - reads stdin.",
    ),
]

_NO_OBJECT = 'is no JSON object, such as {"message": "hello"}'


def given_bytes(given: str) -> bytes:
    """Read what an option gives: ``@FILE`` and ``-`` say where it is, all else is it."""
    if given == "-" or given.startswith("@"):
        return read_bytes(given.removeprefix("@"))
    return given.encode()


def read_event(given: str) -> dict[str, Any]:
    """Read an event: an object as it is, else the file that holds it."""
    if given.lstrip().startswith("{"):
        return _event(given, "--event")
    path = given.removeprefix("@")
    if given not in {"-", f"@{path}"} and not Path(given).is_file():
        raise BadInput("--event", f"{given[:100]!r} is neither a JSON object nor a file of one")
    return _event(read_text(path), name_of(path))


def _event(text: str, name: str) -> dict[str, Any]:
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        told = f"is no JSON: {exc.msg}" if text.strip() else _NO_OBJECT
        raise Misplaced(name, Mark(exc.lineno, exc.colno), told) from exc
    if not isinstance(event, dict):
        raise Misplaced(name, Mark(1, 1), _NO_OBJECT)
    return event
