"""What ``make up`` has put into clusters that it did not make, so that ``make down`` finds it.

One folder a cluster below ``.local/elsewhere``, named by the cluster's identity and written before
anything is installed: an installation that broke half-way is found, too.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """How a cluster was reached, and the folder with all that was noted about it."""

    folder: Path
    kubeconfig: str
    context: str

    @property
    def identity(self) -> str:
        """The cluster that the context led to."""
        return self.folder.name

    def save(self) -> None:
        """Write it down."""
        self.folder.mkdir(parents=True, exist_ok=True)
        facts = asdict(self)
        del facts["folder"]
        half_done = self.folder / "cluster.json.new"
        half_done.write_text(json.dumps(facts))
        half_done.rename(self.folder / "cluster.json")


def folder_of(own: Path, identity: str) -> Path:
    """Name the folder of one cluster."""
    return own / "elsewhere" / identity


def records(own: Path) -> Iterator[Record]:
    """Give all that were saved."""
    for path in sorted(own.glob("elsewhere/*/cluster.json")):
        yield Record(path.parent, **json.loads(path.read_text()))
