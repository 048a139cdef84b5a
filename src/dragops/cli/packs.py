"""Integration packs on the command line: ``--pack FILE``, for what compiles or deploys patterns."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from dragops.cli.documents import PatternFile
from dragops.cli.files import Document, Misshapen, read_documents
from dragops.compiler.packs import wrong_in_pack
from dragops.model.declared import Declared, DeclaredNode
from dragops.model.deployment import DeploymentSpec
from dragops.model.marks import Misplaced
from dragops.model.pack import Pack, definitions_of

PackFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar="FILE",
        help="A .dragops-pack.json whose nodes the pattern uses; - is stdin; may be repeated.",
    ),
]


def is_pack(document: Document) -> bool:
    """Say whether a document is an integration pack."""
    return "packVersion" in document.data


def pack_of(document: Document) -> Pack:
    """Read a document as a pack that is good in every part; Misshapen says what is not."""
    if not is_pack(document):
        raise document.fault("is no pack: a pack begins with its packVersion")
    try:
        pack = Pack.model_validate(document.data, by_alias=True, by_name=False)
    except ValidationError as exc:
        raise document.misshapen(exc) from exc
    if wrongs := [*wrong_in_pack(pack)]:
        raise Misshapen([document.fault(told, *path) for path, told in wrongs])
    return pack


def read_packs(paths: Iterable[str] | None) -> Declared:
    """Read the nodes of several packs; two packs must not define the same one."""
    found: dict[str, DeclaredNode] = {}
    for document in (each for path in paths or () for each in read_documents(path)):
        nodes = definitions_of(pack_of(document))
        if twice := sorted(found.keys() & nodes.keys()):
            told = f"an earlier pack has a node {twice[0]} too: leave one of them out"
            raise document.fault(told, "nodes")
        found |= nodes
    return found


def known_to(file: PatternFile, packs: Iterable[str] | None) -> Declared:
    """Give the nodes that a file's pattern may use: of packs, and of deployments beside it."""
    return {**brought_along(file.beside, file.resource), **read_packs(packs)}


def brought_along(documents: Iterable[Document], pattern: str | None) -> Declared:
    """Give what deployments among these documents define for a pattern."""
    found: dict[str, DeclaredNode] = {}
    for document in documents:
        if document.data.get("kind") != "PatternDeployment":
            continue
        try:
            spec = document.shaped(DeploymentSpec, document.data.get("spec"))
        except Misplaced:
            continue  # it has a verdict of its own
        if spec.pattern_ref.name == pattern:
            found = dict(spec.node_definitions) | found
    return found


def as_json(declared: Declared) -> dict[str, Any]:
    """Give definitions as the API takes them."""
    return {type_: each.as_json() for type_, each in declared.items()}
