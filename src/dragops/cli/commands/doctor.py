"""``dragops doctor``: looks at everything from here to the pods, and says how to mend it."""

import asyncio
import os
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from dragops.cli.api import Api
from dragops.cli.command import command, commands
from dragops.cli.config import kubeconfig_path
from dragops.cli.doctor.caller import look_at_caller
from dragops.cli.doctor.connection import look_at_connection
from dragops.cli.doctor.finding import Finding, Verdict, fail, skip
from dragops.cli.doctor.system import look_at_system
from dragops.cli.failures import Exit
from dragops.cli.place import Place, find_place
from dragops.cli.session import Session
from dragops.cli.terminal import out_console, safe_line
from dragops.errors import DragopsError, Unreachable

app = commands()
_STYLES = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "dim"}
KubeconfigFile = Annotated[
    str | None,
    typer.Option("--kubeconfig", help="Look into this cluster, too. Or KUBECONFIG."),
]
KubeContext = Annotated[
    str | None, typer.Option("--kube-context", help="The kubeconfig's context to use.")
]


@command(app)
def doctor(
    session: Session, kubeconfig: KubeconfigFile = None, kube_context: KubeContext = None
) -> None:
    """Find what is wrong, and say how to mend it.

    Works with an address and a token only; with a kubeconfig it looks into the cluster, too.
    """
    findings = [*_api_findings(session)]
    path = kubeconfig_path(kubeconfig, os.environ)
    if path:
        with session.waiting(f"looking into the cluster of {path}"):
            findings += asyncio.run(_cluster_findings(path, kube_context, _workspace(session)))
    else:
        findings.append(skip("cluster", "there is no kubeconfig", "name one: --kubeconfig FILE"))
    _show(session, findings)
    bad = any(finding.verdict is Verdict.FAIL for finding in findings)
    raise typer.Exit(Exit.FAILED if bad else Exit.OK)


def _show(session: Session, findings: list[Finding]) -> None:
    if not session.show.is_for_people:
        session.show.rows([finding.as_json() for finding in findings], (), name=None, none="")
        return
    console = out_console()
    for finding in findings:
        verdict = (f"{finding.verdict:<6}", _STYLES[finding.verdict])
        line = Text.assemble(verdict, (f"{finding.check:<13}", "bold"), safe_line(finding.told))
        console.print(line, soft_wrap=True)
        if finding.mend:
            console.print(f"{'':<19}-> {safe_line(finding.mend)}", soft_wrap=True)


def _api_findings(session: Session) -> Iterator[Finding]:
    try:
        place = find_place(session.wanted, os.environ, session.config)
    except DragopsError as exc:
        yield fail("address", str(exc), "dragops login")
        return
    with session.waiting(f"looking at {place.url}"):
        yield from _place_findings(session, place)


def _place_findings(session: Session, place: Place) -> Iterator[Finding]:
    reached = [*look_at_connection(place, session.clock())]
    yield from reached
    if any(finding.verdict is Verdict.FAIL for finding in reached):
        return
    called = [*look_at_caller(Api(place), session.clock())]
    yield from called
    if not any(f.verdict is Verdict.FAIL for f in called if f.check in {"token", "workspace"}):
        yield from look_at_system(Api(place))


def _workspace(session: Session) -> str:
    try:
        place = find_place(session.wanted, os.environ, session.config)
        return place.workspace or str(Api(place).get("/api/auth/whoami").data["workspace"])
    except DragopsError:
        return "default"


async def _cluster_findings(path: str, context: str | None, workspace: str) -> list[Finding]:
    from dragops.cli.doctor.cluster import look_at_cluster  # noqa: PLC0415  # slow to load
    from dragops.cli.kubeconfig import Kubeconfig  # noqa: PLC0415  # slow to load

    try:
        async with await Kubeconfig(path, context).connect() as cluster:
            return [finding async for finding in look_at_cluster(cluster, workspace)]
    except Unreachable as exc:
        return [fail("cluster", str(exc), f"check {path}: kubectl --kubeconfig {path} get ns")]
