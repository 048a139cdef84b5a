"""Where a cluster keeps its things, and what it is: known to the driver and to its supervisor."""

import json
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster.slot import Slot

NODE_NAME = "node1"


@dataclass(frozen=True, slots=True)
class Layout:
    """A cluster's data folder, its slot and its programs; ``coredns`` only when it has a node."""

    run: Path
    slot: Slot
    program: Path
    coredns: Path | None = None

    @property
    def has_node(self) -> bool:
        """Say whether this is the form with a kubelet, in namespaces of its own."""
        return self.coredns is not None

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.run / "pki"

    @property
    def config(self) -> Path:
        """Kubeconfigs and configuration files, rewritten at each start."""
        return self.run / "config"

    @property
    def logs(self) -> Path:
        """One file a component."""
        return self.run / "log"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.kubeconfig_of("admin")

    @property
    def address(self) -> str:
        """Where the API server listens."""
        return self.slot.node_address if self.has_node else "127.0.0.1"

    @property
    def server(self) -> str:
        """The API server's URL."""
        return f"https://{self.address}:{self.slot.port('apiserver')}"

    def kubeconfig_of(self, who: str) -> Path:
        """Name the kubeconfig of one client."""
        return self.config / f"{who}.kubeconfig"

    def save(self) -> None:
        """Write down what the supervisor, and a later driver, must know."""
        facts = {
            "slot": self.slot.number,
            "program": str(self.program),
            "coredns": str(self.coredns) if self.coredns else None,
        }
        half_done = self.run / "cluster.json.new"
        half_done.write_text(json.dumps(facts))
        half_done.rename(self.run / "cluster.json")

    @classmethod
    def load(cls, run: Path) -> "Layout | None":
        """Read what an earlier start wrote down; None when there was none."""
        try:
            facts = json.loads((run / "cluster.json").read_text())
        except FileNotFoundError:
            return None
        coredns = Path(facts["coredns"]) if facts["coredns"] else None
        return cls(run, Slot(facts["slot"]), Path(facts["program"]), coredns)
