"""What options give: a text itself, or where it is: ``@FILE``, and ``-`` for stdin."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from dragops.cli.files import read_bytes
from dragops.errors import BadInput

Event = Annotated[
    str | None,
    typer.Option(
        "--event",
        "-e",
        help="The run's event: a JSON object, or a file that holds one; - reads stdin.",
    ),
]


def given_bytes(given: str) -> bytes:
    """Read what an option gives: ``@FILE`` and ``-`` say where it is, all else is it."""
    if given == "-" or given.startswith("@"):
        return read_bytes(given.removeprefix("@"))
    return given.encode()


def given_json(given: str, name: str) -> Any:
    """Read JSON that an option gives."""
    try:
        return orjson.loads(given_bytes(given))
    except orjson.JSONDecodeError as exc:
        raise BadInput(name, f"is no JSON: {exc}") from exc


def read_event(given: str) -> dict[str, Any]:
    """Read an event: an object as it is, else the file that holds it."""
    is_typed = given.lstrip().startswith("{") or given == "-" or given.startswith("@")
    if not is_typed and not Path(given).is_file():
        raise BadInput("--event", f"{given[:100]!r} is neither a JSON object nor a file of one")
    event = given_json(given if is_typed else f"@{given}", "--event")
    if not isinstance(event, dict):
        raise BadInput("--event", 'is no JSON object, such as {"message": "hello"}')
    return event
