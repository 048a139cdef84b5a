"""``dragops run``: a file's pattern run here, by the engine's own runner; needs no API."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer

from dragops.cli.alone import run_of, show_run, teller, unread
from dragops.cli.beside import environment_beside, limits_of, tell_what_differs
from dragops.cli.command import commands, local_command
from dragops.cli.documents import PatternFile, local_pattern, local_patterns
from dragops.cli.failures import Missing
from dragops.cli.given import Event, read_event
from dragops.cli.packs import PackFiles, known_to
from dragops.cli.running import exit_of_status
from dragops.cli.session import Session
from dragops.cli.surroundings import read_environment
from dragops.cli.times import duration_of
from dragops.cli.verdicts import compiled
from dragops.cli.writing import PatternPath
from dragops.engine.alone import Prepared, Wish, run_alone
from dragops.engine.environment import Environment
from dragops.engine.outside.egress import read_policy
from dragops.errors import BadInput
from dragops.log_lines import log_lines
from dragops.model.deployment import Limits
from dragops.model.program import Program

app = commands()
Start = Annotated[
    str | None,
    typer.Option(
        "--start",
        metavar="NODE",
        help="The trigger to start at, by its node's id; On Start, or the first.",
    ),
]
Env = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="FILE",
        help="A file with an Environment and its Secret, or with variables and secrets as objects.",
    ),
]
Timeout = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        metavar="TIME",
        help="How long the run may take: 90s, 5m; else what the deployment in the file says, "
        "or 5m.",
    ),
]

Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="HOST",
        help="A network, address or host that the pattern may reach beside the internet, such as "
        "127.0.0.1; may be repeated.",
    ),
]

Beside = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="FILE", help="A file of patterns that this one calls; may be repeated."
    ),
]


@local_command(app)
def run(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    file: PatternPath,
    event: Event = None,
    start: Start = None,
    env: Env = None,
    timeout: Timeout = None,
    allow: Allow = None,
    pack: PackFiles = None,
    beside: Beside = None,
) -> None:
    """Run the pattern of a file here, as an engine would.

    The log is shown as it comes, then what a waiting sender would be told, how the run ended, and
    how long each node with exec pins took. What an event leaves out is what such an event has
    anyway: for On Webhook {"body": {}, "headers": {}, "query": {}, "method": "POST", "url": ""}.
    Of a PatternDeployment in a pattern's file its limits hold, and its Environment if that is
    there.
    """
    found = local_pattern(file)
    given = None if env is None else read_environment(env, session.note)
    wanted = _prepared(session, found, pack, given)
    wish = Wish(
        wanted=wanted._replace(limits=_limits(wanted.limits, timeout)),
        beside=tuple(
            _prepared(session, each, pack, given) for each in _called(found, beside or [])
        ),
        start=_checked_start(found, wanted.program, start),
        event=None if event is None else read_event(event),
        egress_allow=_checked_allow(allow or []),
    )
    log_lines()
    ended = asyncio.run(run_alone(wish, teller(session)))
    if strange := unread(wish.event, ended.run.trigger):
        session.note(strange)
    told = run_of(found, ended)
    show_run(session, found, told)
    raise typer.Exit(exit_of_status(told["status"]))


def _prepared(
    session: Session, file: PatternFile, pack: list[str] | None, given: Environment | None
) -> Prepared:
    """Compile a pattern, and take what its deployment gives it, if that is in its file."""
    program = compiled(file, known_to(file, pack))
    tell_what_differs(file, session.note)
    environment = environment_beside(file, session.note) if given is None else given
    return Prepared(program, limits_of(file), environment)


def _limits(limits: Limits, timeout: str | None) -> Limits:
    given = {} if timeout is None else {"timeout_seconds": _seconds(timeout)}
    return limits.model_copy(update=given)


def _called(file: PatternFile, paths: list[str]) -> Iterator[PatternFile]:
    taken = {file.id or file.name}
    for found in (each for path in paths for each in local_patterns(path)):
        name = found.id or found.name
        if name in taken:
            raise BadInput("--with", f"{found.source}: there is a pattern {name} already")
        taken.add(name)
        yield found


def _checked_start(file: PatternFile, program: Program, start: str | None) -> str | None:
    triggers = [trigger.node_id for trigger in program.manifest.triggers]
    if start is not None and start not in triggers:
        raise Missing("trigger", start, f"{file.source} has: {', '.join(triggers)}")
    return start


def _checked_allow(allow: list[str]) -> str:
    text = ",".join(allow)
    try:
        read_policy(text)
    except ValueError as exc:
        raise BadInput("--allow", str(exc)) from exc
    return text


def _seconds(timeout: str) -> int:
    seconds = duration_of(timeout, "--timeout").total_seconds()
    if not seconds.is_integer() or not 1 <= seconds <= 86_400:
        raise BadInput("--timeout", f"{timeout!r} is not in whole seconds between 1s and 24h")
    return int(seconds)
