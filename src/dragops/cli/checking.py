"""Verdicts on all documents of files: patterns compiled, packs and manifests looked at.

``dragops.cli.verdicts`` judges patterns, ``acceptance`` says what Kubernetes would refuse.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from dragops.cli.acceptance import Names, refused
from dragops.cli.documents import check_other, is_ours, is_pattern, pattern_of
from dragops.cli.files import Document, Misshapen, name_of
from dragops.cli.packs import brought_along, is_pack, pack_of
from dragops.cli.verdicts import judge, sorted_faults
from dragops.errors import BadInput
from dragops.model.declared import Declared
from dragops.model.marks import Misplaced

Object = dict[str, Any]
Known = Callable[[str | None], Declared]
"""Gives the declarative nodes that a pattern of this name may use."""
_GOOD: Object = {"valid": True, "faults": [], "warnings": [], "triggers": []}


def verdicts_on(
    read: Mapping[str, list[Document] | BadInput], packs: Declared, note: Callable[[str], None]
) -> Iterator[Object]:
    """Judge each document of files; ``note`` is told of those that are nothing of DragOps."""
    every = [each for found in read.values() if isinstance(found, list) for each in found]
    names = Names()

    def declared_for(name: str | None) -> Declared:
        return {**brought_along(every, name), **packs}

    for path, found in read.items():
        if isinstance(found, Misplaced):
            yield _named(name_of(path), name_of(path), None) | _with(_GOOD, [found])
        for document in found if isinstance(found, list) else ():
            verdict = _judged(document, declared_for, names)
            if verdict is None:
                note(f"{document.label}: passed over, as it is a {_foreign(document)}")
                continue
            yield _named(document.file, document.label, document) | verdict


def _judged(document: Document, declared_for: Known, names: Names) -> Object | None:
    try:
        verdict = _verdict(document, declared_for)
    except Misplaced as exc:
        verdict = _with(_GOOD, exc.faults if isinstance(exc, Misshapen) else [exc])
    if verdict is None or not is_ours(document):
        return verdict
    return _with(verdict, [*refused(document), *names.taken(document)])


def _foreign(document: Document) -> str:
    if _is_of_kustomize(document):
        return "file of kustomize"
    return f"{document.data.get('kind')} of {document.data.get('apiVersion')}"


def _is_of_kustomize(document: Document) -> bool:
    # it is known by its name, and need not say what it is
    return PurePath(document.file).name.lower().startswith("kustomization")


def _verdict(document: Document, declared_for: Known) -> Object | None:
    if is_pack(document):
        pack_of(document)
    elif _is_of_kustomize(document):
        return None
    elif is_pattern(document):
        return judge(pattern_of(document), declared_for(_name(document)))
    elif not check_other(document):
        return None
    return _GOOD


def _with(verdict: Object, wrongs: Iterable[Misplaced]) -> Object:
    """Add faults to a verdict, each once."""
    told = {(fault["line"], fault["column"], fault["message"]) for fault in verdict["faults"]}
    new = dict.fromkeys((*wrong.mark, wrong.message) for wrong in wrongs)
    faults = verdict["faults"] + [
        {"line": line, "column": column, "code": "VALIDATION", "message": message}
        for line, column, message in new
        if (line, column, message) not in told
    ]
    return verdict | {"valid": not faults, "faults": sorted_faults(faults)}


def _named(file: str, label: str, document: Document | None) -> Object:
    if document is None:
        return {"label": label, "file": file, "kind": None, "name": None}
    kind = document.data.get("kind") or ("Pack" if is_pack(document) else "Pattern")
    return {"label": label, "file": file, "kind": _text(kind), "name": _name(document)}


def _name(document: Document) -> str | None:
    metadata = document.data.get("metadata")
    return _text((metadata if isinstance(metadata, dict) else document.data).get("name"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
