"""``dragops check``: what is wrong with files, as a compiler tells it; needs no API."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from dragops.cli.command import commands, local_command
from dragops.cli.documents import check_other, is_pattern, pattern_of
from dragops.cli.files import Document, Misshapen, name_of, read_documents
from dragops.cli.packs import PackFiles, brought_along, is_pack, pack_of, read_packs
from dragops.cli.session import Session
from dragops.cli.verdicts import end_as, judge, show_in_file, sorted_faults
from dragops.errors import BadInput
from dragops.model.declared import Declared
from dragops.model.marks import Misplaced

Object = dict[str, Any]
Known = Callable[[str | None], Declared]
"""Gives the declarative nodes that a pattern of this name may use."""
app = commands()
Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Manifests, exports, or the API's JSON; - is stdin."),
]


@local_command(app)
def check(session: Session, files: Files, pack: PackFiles = None) -> None:
    """Say everything that is wrong with the patterns of files, and where.

    Each fault is a line FILE:LINE:COLUMN: CODE: what is wrong, and what to do. PatternDeployments
    and Environments are looked at too, as far as their shape goes; what is not DragOps' is passed
    over. Nodes of packs are known, be they of --pack or of the deployments in the files; a pack
    among the files is looked at itself. With -o json: one object a document.
    """
    packs, read = read_packs(pack), [(path, _read(path)) for path in files]
    every = [each for _, found in read if isinstance(found, list) for each in found]

    def declared_for(name: str | None) -> Declared:
        return {**brought_along(every, name), **packs}

    verdicts = [v for path, found in read for v in _checked(session, path, found, declared_for)]
    if session.show.is_for_people:
        for verdict in verdicts:
            named = " ".join(filter(None, (verdict["kind"], verdict["name"])))
            name = ": ".join(filter(None, (verdict["label"], named)))
            show_in_file(session, verdict["file"], name, verdict)
    else:
        shown = [{k: v for k, v in each.items() if k != "label"} for each in verdicts]
        session.show.rows(shown, [], name=None, none="")
    end_as(valid=all(verdict["valid"] for verdict in verdicts))


def _read(path: str) -> list[Document] | Misplaced:
    try:
        return read_documents(path)
    except Misplaced as exc:
        return exc


def _checked(
    session: Session, path: str, read: list[Document] | Misplaced, declared_for: Known
) -> Iterator[Object]:
    if isinstance(read, Misplaced):
        yield _verdict(name_of(path), name_of(path), None, read)
        return
    found = [*_verdicts(session, read, declared_for)]
    if not found:
        raise BadInput(name_of(path), "holds no pattern")
    yield from found


def _verdicts(session: Session, documents: list[Document], declared_for: Known) -> Iterator[Object]:
    for document in documents:
        try:
            verdict = _judged(document, declared_for)
            if verdict is None:
                named = f"{document.data.get('kind')} of {document.data.get('apiVersion')}"
                session.note(f"{document.label}: passed over, as it is a {named}")
                continue
        except Misplaced as exc:
            yield _verdict(document.file, document.label, document, exc)
            continue
        yield _named(document.file, document.label, document) | verdict


def _judged(document: Document, declared_for: Known) -> Object | None:
    """Give the verdict on a document; None when it is nothing of DragOps."""
    if is_pack(document):
        pack_of(document)
    elif is_pattern(document):
        return judge(pattern_of(document), declared_for(_name(document)))
    elif not check_other(document):
        return None
    return {"valid": True, "faults": [], "warnings": [], "triggers": []}


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
    if document is None:
        return {"label": label, "file": file, "kind": None, "name": None}
    kind = document.data.get("kind") or ("Pack" if is_pack(document) else "Pattern")
    return {"label": label, "file": file, "kind": kind, "name": _name(document)}


def _name(document: Document) -> Any:
    metadata = document.data.get("metadata")
    return (metadata if isinstance(metadata, dict) else document.data).get("name")
