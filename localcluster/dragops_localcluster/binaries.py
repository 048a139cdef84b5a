"""The programs of the cluster, built from the modules that go.mod and go.sum pin.

A build is kept below ``~/.cache/dragops/bin`` under the hash of all that goes into it, so a
machine pays for it once. The first one compiles Kubernetes: that takes minutes.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster.cache import cache_folder, digest_of, locked, need_space
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble

SOURCE = Path(__file__).parents[1]
GO_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false"]
COLD_BUILD_GIGABYTES = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which package of which module becomes the program ``name``."""

    name: str
    module: str = "."
    package: str = "."


LOCALCLUSTER = Recipe("localcluster")
HELM = Recipe("helm", package="helm.sh/helm/v3/cmd/helm")
PAUSE = Recipe("pause", package="./pause")
COREDNS = Recipe("coredns", module="coredns")
ALL = (LOCALCLUSTER, HELM, PAUSE, COREDNS)


def ensure_binary(recipe: Recipe, progress: Progress) -> Path:
    """Give the built program; a second caller waits for the first one's build."""
    go = _find_go()
    kept = cache_folder() / "bin" / f"{recipe.name}-{_digest(recipe, go)}"
    if kept.exists():
        return kept
    waiting = f"waiting for another build of {recipe.name}"
    with locked(cache_folder() / "bin" / f"{recipe.name}.lock", lambda: progress.say(waiting)):
        if not kept.exists():
            _build(recipe, go, kept, progress)
    return kept


def kubernetes_version() -> str:
    """Read from go.mod which Kubernetes this is."""
    found = re.search(r"k8s\.io/kubernetes (v\S+)", (SOURCE / "go.mod").read_text())
    if not found:
        raise Trouble("localcluster/go.mod names no version of k8s.io/kubernetes")
    return found[1]


def _build(recipe: Recipe, go: str, kept: Path, progress: Progress) -> None:
    need_space(kept.parent, COLD_BUILD_GIGABYTES)
    half_done = kept.with_suffix(f".{os.getpid()}")
    what = f"building {recipe.name} (minutes the first time, seconds later)"
    progress.run(
        what,
        [
            *["nice", go, "build", *GO_FLAGS, "-ldflags", _linker_flags()],
            *["-o", str(half_done), recipe.package],
        ],
        log=kept.parent / f"{recipe.name}.log",
        cwd=SOURCE / recipe.module,
        env=os.environ | {"CGO_ENABLED": "0"},
    )
    half_done.rename(kept)
    progress.say(f"built {recipe.name}")


def _linker_flags() -> str:
    """Stamp the version: kubectl and charts refuse to work with an API server that has none."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    stamps = {
        "k8s.io/component-base/version.gitVersion": version,
        "k8s.io/component-base/version.gitMajor": major,
        "k8s.io/component-base/version.gitMinor": minor,
        "k8s.io/component-base/version.gitTreeState": "clean",
        "k8s.io/client-go/pkg/version.gitVersion": version,
    }
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())])


def _digest(recipe: Recipe, go: str) -> str:
    module = SOURCE / recipe.module
    sources = [module / "go.mod", module / "go.sum"]
    if recipe.package.startswith("."):
        sources += sorted((module / recipe.package).glob("*.go"))
    parts = [path.read_bytes() for path in sources]
    return digest_of(
        [*parts, _linker_flags().encode(), recipe.package.encode(), _version(go).encode()]
    )


def _version(go: str) -> str:
    asked = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def _find_go() -> str:
    go = shutil.which("go")
    wanted = _numbers(re.findall(r"^go (\S+)", (SOURCE / "go.mod").read_text(), re.MULTILINE)[0])
    words = f"Go {wanted[0]}.{wanted[1]} or newer, which builds the cluster,"
    if not go:
        raise Trouble(f"{words} is not installed: no program called go is on the PATH")
    if _numbers(_version(go)) < wanted:
        raise Trouble(f"{words} is needed; {go} is {_version(go) or 'of an unknown version'}")
    return go


def _numbers(version: str) -> tuple[int, int]:
    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
