"""Makes a function a command: it gets a Session, and the options that all commands share."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import typer
from typer.core import TyperCommand
from typing_extensions import override

from dragops.cli.options import LOCATING, SHARED, Format, Output, Wanted
from dragops.cli.session import Session

P = ParamSpec("P")


class Plain(TyperCommand):
    """A command whose usage line names what it takes as manuals do: FILE, [ID], FILE..."""

    @override
    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Give the parts of the usage line, without the braces of what is required."""
        return [
            piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)
        ]


def commands(sentence: str | None = None) -> typer.Typer:
    """Begin a command's app; one with a sentence is a group of commands."""
    app = typer.Typer(
        help=sentence, add_completion=False, no_args_is_help=True, rich_markup_mode=None
    )
    if sentence:
        # a group stays one, also while it has a single command
        app.callback()(lambda: None)
    return app


def command(
    app: typer.Typer, name: str | None = None
) -> Callable[[Callable[Concatenate[Session, P], None]], Callable[..., None]]:
    """Register a function that takes a session and its own options."""

    def register(function: Callable[Concatenate[Session, P], None]) -> Callable[..., None]:
        made = _with_shared(function, SHARED)
        app.command(name, cls=Plain)(made)
        return made

    return register


def local_command(
    app: typer.Typer,
) -> Callable[[Callable[Concatenate[Session, P], None]], Callable[..., None]]:
    """Register a function that reaches nothing: it has no options of where the API is."""

    def register(function: Callable[Concatenate[Session, P], None]) -> Callable[..., None]:
        made = _with_shared(function, {"output": Output})
        app.command(cls=Plain)(made)
        return made

    return register


def document_command(app: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function that reaches nothing and writes a document; it has no session."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(cls=Plain)(function)
        return function

    return register


def _with_shared(
    function: Callable[Concatenate[Session, P], None], shared: dict[str, Any]
) -> Callable[..., None]:
    own = list(inspect.signature(function).parameters.values())[1:]

    @wraps(function)
    def called(ctx: typer.Context, **given: Any) -> None:
        flags = Wanted(**{key: given.pop(key) for key in LOCATING if key in shared})
        before = ctx.find_object(Wanted) or Wanted()
        function(Session(flags.over(before), given.pop("output")), **given)  # type: ignore[call-arg]  # typer gives what the signature names

    kinds = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("ctx", kinds, annotation=typer.Context)
    mine = [parameter.replace(kind=kinds) for parameter in own]
    theirs = [
        inspect.Parameter(
            key, kinds, annotation=kind, default=Format.TABLE if key == "output" else None
        )
        for key, kind in shared.items()
    ]
    called.__signature__ = inspect.Signature([context, *mine, *theirs])  # type: ignore[attr-defined]  # what inspect.signature reads
    called.__annotations__ = {p.name: p.annotation for p in (context, *mine, *theirs)}
    return called
