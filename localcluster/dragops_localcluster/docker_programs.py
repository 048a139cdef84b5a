"""``docker`` and ``kind``, the caller's own, run for one engine whatever their settings say."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster.app_image import REPOSITORY
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble

GET_KIND = "go install sigs.k8s.io/kind@v0.33.0, and put $(go env GOPATH)/bin on the PATH"
WITHOUT = "or take the cluster that needs no Docker: DOCKER_HOST=none make up"


@dataclass(frozen=True, slots=True)
class DockerPrograms:
    """The engine that answered, and the folder for the programs' logs."""

    place: str
    folder: Path
    progress: Progress

    def ask(self, *argv: str) -> str:
        """Run a short command and give what it printed."""
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, env=self._environment()
        )
        if done.returncode:
            raise Trouble(f"{' '.join(argv[:3])} failed: {done.stderr.strip()}")
        return done.stdout

    def run(self, what: str, *argv: str) -> None:
        """Run a long command, with progress and a log."""
        log = self.folder / f"{argv[0]}-{argv[1]}.log"
        env = self._environment()
        self.progress.run(what, [*argv], log=log, cwd=REPOSITORY, env=env)

    def _environment(self) -> dict[str, str]:
        # A docker context or a setting for podman could lead to another engine.
        return os.environ | {"DOCKER_HOST": self.place, "KIND_EXPERIMENTAL_PROVIDER": "docker"}


def need_docker_programs() -> None:
    """Refuse to begin without the two."""
    if not shutil.which("kind"):
        raise Trouble(f"a Docker engine answers, but kind is not installed: {GET_KIND}; {WITHOUT}")
    if not shutil.which("docker"):
        raise Trouble(f"a Docker engine answers, but its client docker is not here; {WITHOUT}")
