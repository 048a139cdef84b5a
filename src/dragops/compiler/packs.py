"""Judges integration packs whole: what does not go together, and each node as it will be used."""

from collections.abc import Iterator

from dragops.compiler.declaring import wrong_in
from dragops.model.marks import Path, joined
from dragops.model.pack import Pack, PackNode, definitions_of, faults_in


def wrong_in_pack(pack: Pack) -> Iterator[tuple[Path, str]]:
    """Say everything that is wrong with a pack, each with its place."""
    for path, told in faults_in(pack):
        yield path, f"{joined(path)}: {told}"
    definitions = definitions_of(pack)
    for at, node in enumerate(pack.nodes):
        for _, told in wrong_in(node.id, definitions[node.id]):
            yield ("nodes", at, *_inside(node, told)), f"{node.id}: {told}"


def _inside(node: PackNode, told: str) -> Path:
    """Give the way to what a sentence begins with: ``request.url``, ``inputs.<name>``."""
    first, *rest = told.partition(":")[0].split(".")
    if first not in {"inputs", "outputs"} or not rest:
        return (first, *rest)
    pins = node.inputs if first == "inputs" else node.outputs
    return first, next(at for at, pin in enumerate(pins) if pin.name == rest[0])
