"""``dragops check``: what is wrong with files, as a compiler tells it; needs no API."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from dragops.cli.command import commands, local_command
from dragops.cli.documents import check_other, is_pattern, pattern_of
from dragops.cli.files import Document, Misshapen, name_of, read_documents
from dragops.cli.session import Session
from dragops.cli.verdicts import end_as, judge, show_in_file, sorted_faults
from dragops.errors import BadInput
from dragops.model.marks import Misplaced

Object = dict[str, Any]
app = commands()
Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Manifests, exports, or the API's JSON; - is stdin."),
]


@local_command(app)
def check(session: Session, files: Files) -> None:
    """Say everything that is wrong with the patterns of files, and where.

    Each fault is a line FILE:LINE:COLUMN: CODE: what is wrong, and what to do. PatternDeployments
    and Environments are looked at too, as far as their shape goes; what is not DragOps' is passed
    over. With -o json: one object a document.
    """
    verdicts = [verdict for path in files for verdict in _checked(session, path)]
    if session.show.is_for_people:
        for verdict in verdicts:
            named = " ".join(filter(None, (verdict["kind"], verdict["name"])))
            name = ": ".join(filter(None, (verdict["label"], named)))
            show_in_file(session, verdict["file"], name, verdict)
    else:
        shown = [{k: v for k, v in each.items() if k != "label"} for each in verdicts]
        session.show.rows(shown, [], name=None, none="")
    end_as(valid=all(verdict["valid"] for verdict in verdicts))


def _checked(session: Session, path: str) -> Iterator[Object]:
    try:
        documents = read_documents(path)
    except Misplaced as exc:
        yield _verdict(name_of(path), name_of(path), None, exc)
        return
    found = [*_verdicts(session, documents)]
    if not found:
        raise BadInput(name_of(path), "holds no pattern")
    yield from found


def _verdicts(session: Session, documents: list[Document]) -> Iterator[Object]:
    for document in documents:
        try:
            if is_pattern(document):
                verdict = judge(pattern_of(document))
            elif check_other(document):
                verdict = {"valid": True, "faults": [], "warnings": [], "triggers": []}
            else:
                named = f"{document.data.get('kind')} of {document.data.get('apiVersion')}"
                session.note(f"{document.label}: passed over, as it is a {named}")
                continue
        except Misplaced as exc:
            yield _verdict(document.file, document.label, document, exc)
            continue
        yield _named(document.file, document.label, document) | verdict


def _verdict(file: str, label: str, document: Document | None, exc: Misplaced) -> Object:
    wrongs = exc.faults if isinstance(exc, Misshapen) else [exc]
    faults = [
        {
            "line": wrong.mark.line,
            "column": wrong.mark.column,
            "code": "VALIDATION",
            "message": wrong.message,
        }
        for wrong in wrongs
    ]
    told = {"valid": False, "faults": sorted_faults(faults), "warnings": [], "triggers": []}
    return _named(file, label, document) | told


def _named(file: str, label: str, document: Document | None) -> Object:
    data = document.data if document else {}
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else data.get("name")
    kind = data.get("kind") or ("Pattern" if document else None)
    return {"label": label, "file": file, "kind": kind, "name": name}
