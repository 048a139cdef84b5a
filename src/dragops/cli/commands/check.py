"""``dragops check``: what is wrong with files, as a compiler tells it; needs no API."""

from typing import Annotated, Any

import typer

from dragops.cli.checking import verdicts_on
from dragops.cli.command import commands, local_command
from dragops.cli.files import Document, name_of, read_documents
from dragops.cli.packs import PackFiles, read_packs
from dragops.cli.session import Session
from dragops.cli.telling import tell_failure
from dragops.cli.verdicts import end_as, show_in_file
from dragops.errors import BadInput
from dragops.model.marks import Misplaced

Object = dict[str, Any]
app = commands()
Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Manifests, exports, or the API's JSON; - is stdin."),
]


@local_command(app)
def check(session: Session, files: Files, pack: PackFiles = None) -> None:
    """Say everything that is wrong with the patterns of files, and where.

    Each fault is a line FILE:LINE:COLUMN: CODE: what is wrong, and what to do. PatternDeployments
    and Environments are looked at too, for what Kubernetes would refuse of them; what is not
    DragOps' is passed over. Nodes of packs are known, be they of --pack or of the deployments in
    the files; a pack among the files is looked at itself. With -o json: one object a document.
    """
    packs, read = read_packs(pack), {path: _read(path) for path in files}
    verdicts = [*verdicts_on(read, packs, session.note)]
    _show(session, verdicts)
    _refuse_unread(read, is_empty=not verdicts)
    end_as(valid=all(verdict["valid"] for verdict in verdicts))


def _read(path: str) -> list[Document] | BadInput:
    try:
        return read_documents(path)
    except BadInput as exc:
        return exc


def _show(session: Session, verdicts: list[Object]) -> None:
    if not session.show.is_for_people:
        shown = [{k: v for k, v in each.items() if k != "label"} for each in verdicts]
        session.show.rows(shown, [], name=None, none="")
        return
    for verdict in verdicts:
        named = " ".join(filter(None, (verdict["kind"], verdict["name"])))
        name = ": ".join(filter(None, (verdict["label"], named)))
        show_in_file(session, verdict["file"], name, verdict)


def _refuse_unread(read: dict[str, list[Document] | BadInput], *, is_empty: bool) -> None:
    """Fail when a file could not be read, or when there was nothing to judge in any."""
    failed = [each for each in read.values() if isinstance(each, BadInput)]
    unread = [exc for exc in failed if not isinstance(exc, Misplaced)]
    if is_empty and not unread:
        raise BadInput(", ".join(map(name_of, read)), "holds no pattern")
    for exc in unread[:-1]:
        tell_failure(exc)
    for exc in unread[-1:]:
        raise exc
