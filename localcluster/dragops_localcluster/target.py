"""Which cluster ``make up`` installs into, and the programs that talk to it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster.layout import Layout
from dragops_localcluster.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster as kubectl and helm see it; ``layout`` when it is the local one."""

    kubeconfig: str
    context: str
    program: Path
    helm_program: Path
    layout: Layout | None = None

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Run kubectl and give what it printed."""
        chosen = [f"--context={self.context}"] if self.context else []
        return self._run([str(self.program), "kubectl", *chosen, *words], stdin)

    def helm(self, *words: str) -> str:
        """Run helm and give what it printed."""
        chosen = [f"--kube-context={self.context}"] if self.context else []
        return self._run([str(self.helm_program), *chosen, *words], "")

    def _run(self, argv: list[str], stdin: str) -> str:
        environment = os.environ | {"KUBECONFIG": self.kubeconfig}
        done = subprocess.run(
            argv, input=stdin, capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode:
            command = " ".join(argv[1:4])
            raise Trouble(f"{Path(argv[0]).name} {command} failed: {done.stderr.strip()}")
        return done.stdout
