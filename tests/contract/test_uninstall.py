"""Whoever uninstalls by the book leaves no kind behind: the book names them all."""

from pathlib import Path

import pytest

from dragops_localcluster.undo import all_kinds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("place", ["docs/install.md", "helm/dragops/templates/NOTES.txt"])
def test_the_commands_that_remove_everything_name_every_kind(place: str) -> None:
    """Its objects first, while the operator is there, then the kind itself."""
    text = (ROOT / place).read_text()
    objects = next(line for line in text.splitlines() if "--all" in line)
    crds = next(line for line in text.splitlines() if "kubectl delete crd" in line)

    for kind in all_kinds():
        assert kind.removesuffix(".dragops.dev") in objects
        assert kind in crds
