"""The root command: options before the command's name, and the one place that tells failures."""

from typing import Annotated, Any

import typer
from typing_extensions import override

from dragops.cli.menu import Menu
from dragops.cli.options import ContextName, Token, Url, Wanted, Workspace
from dragops.errors import DragopsError


class Root(Menu):
    """Turns the domain's errors into sentences and exit codes."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DragopsError as exc:
            from dragops.cli.telling import tell_failure  # noqa: PLC0415  # rich: longer than help

            raise typer.Exit(tell_failure(exc)) from exc


app = typer.Typer(
    cls=Root,
    name="dragops",
    help="Deploy patterns, run them, and read what they did.",
    no_args_is_help=True,
    rich_markup_mode=None,  # panels would take longer to load than everything else
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _tell_version(value: bool) -> None:  # typer calls with the option's value
    if value:
        from dragops.cli.version import own_version  # noqa: PLC0415  # asked for once a year

        typer.echo(f"dragops {own_version()}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Say which version this is.", callback=_tell_version, is_eager=True
    ),
]


@app.callback()
def dragops(  # each is an option
    ctx: typer.Context,
    *,
    url: Url = None,
    token: Token = None,
    workspace: Workspace = None,
    context: ContextName = None,
    version: Version = False,
) -> None:
    """Deploy patterns, run them, and read what they did."""
    ctx.obj = Wanted(url, token, workspace, context)
