"""``dragops login``: a context made, checked and stored; or an existing one checked."""

import os
from typing import Annotated, Any

import typer

from dragops.cli.command import command, commands
from dragops.cli.config import config_path, write_config
from dragops.cli.logging_in import Asked, make_context
from dragops.cli.place import TOKEN, URL
from dragops.cli.session import Session
from dragops.cli.times import duration_of, span
from dragops.cli.tokens import expiry_of
from dragops.errors import BadInput
from dragops.model.run import iso

app = commands()
SECONDS_MIN = 600
"""Kubernetes makes no tokens that end sooner."""

KubeconfigFile = Annotated[
    str | None,
    typer.Option("--kubeconfig", help="Let this cluster make the token. Or KUBECONFIG."),
]
KubeContext = Annotated[
    str | None, typer.Option("--kube-context", help="The kubeconfig's context to use.")
]
ServiceAccount = Annotated[
    str | None,
    typer.Option(
        "--service-account",
        help="Whose token, as NAMESPACE/NAME; dragops-user of the workspace without it.",
    ),
]
Expires = Annotated[str, typer.Option("--expires", help="How long the token is good: 24h, 90d.")]
Authority = Annotated[
    str | None,
    typer.Option("--certificate-authority", help="A file with certificates to trust for HTTPS."),
]
Check = Annotated[bool, typer.Option("--check", help="Only say whether the token in use is good.")]


@command(app)
def login(  # noqa: PLR0913, PLR0917  # each is an option
    session: Session,
    kubeconfig: KubeconfigFile = None,
    kube_context: KubeContext = None,
    service_account: ServiceAccount = None,
    expires: Expires = "24h",
    certificate_authority: Authority = None,
    check: Check = False,
) -> None:
    """Store where DragOps is and who you are.

    With a kubeconfig, the cluster makes a token of a ServiceAccount; else give --url and --token
    (- reads it from stdin). --context names what is stored. Without anything, the current context
    is renewed as it was made.
    """
    if check:
        caller = session.api.get("/api/auth/whoami").data
        _tell(session, caller, session.place.url, session.place.token)
        return
    seconds = int(duration_of(expires, "--expires").total_seconds())
    if seconds < SECONDS_MIN:
        raise BadInput("--expires", "is at least 10m: Kubernetes makes no shorter tokens")
    asked = Asked(kubeconfig, kube_context, service_account, certificate_authority, seconds)
    context, caller = make_context(session, asked)
    path = config_path(os.environ)
    write_config(path, session.config.with_context(context))
    session.note(f"Stored as context {context.name!r} in {path}.")
    if hiding := [name for name in (URL, TOKEN) if os.environ.get(name)]:
        session.note(f"{' and '.join(hiding)} of the environment come before it: unset them.")
    _tell(session, caller, context.url, context.token)


def _tell(session: Session, caller: dict[str, Any], url: str, token: str) -> None:
    expiry = expiry_of(token)
    data = caller | {"url": url, "expiresAt": iso(expiry) if expiry else None}
    said = f"You are {caller['username']} at {url}, workspace {caller['workspace']}"
    if expiry:
        said += f"; the token ends in {span((expiry - session.clock()).total_seconds())}"
    session.show.outcome(data, f"{said}.", name="username")
