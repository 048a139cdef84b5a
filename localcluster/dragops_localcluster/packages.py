"""Debian's packages that a node needs and Go modules cannot give: containerd, runc, CNI, nft."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dragops_localcluster.cache import cache_folder, locked
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble

PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "nft": "nftables",
    "ip": "iproute2",
}
POLICY = Path("/usr/sbin/policy-rc.d")
NO_SERVICES = (
    "#!/bin/sh\n# dragops: packages are being installed, their services stay off\nexit 101\n"
)


def ensure_packages(progress: Progress, programs: Mapping[str, str] = PROGRAMS) -> None:
    """Install the packages of missing programs; services of the packages are not started."""
    if not _missing(programs):
        return
    with locked(cache_folder() / "apt.lock"):
        missing = _missing(programs)
        if missing:
            need_root()
            update_lists(progress)
            with _services_off():
                _apt(progress, f"installing {' '.join(missing)}", "install", "-y", *missing)


def update_lists(progress: Progress) -> None:
    """Fetch the lists of packages, which a fresh machine does not have."""
    _apt(progress, "updating the lists of packages", "update")


def need_root() -> None:
    """Refuse to go on without the rights that a node takes."""
    if os.geteuid() != 0:
        raise Trouble("a node needs root: it makes namespaces, control groups and a network link")


def need_apt() -> None:
    """Refuse to go on where packages come from elsewhere."""
    if not shutil.which("apt-get"):
        raise Trouble("apt-get is not here: node and images are made of Debian's packages")


def _missing(programs: Mapping[str, str]) -> list[str]:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [name for program, name in programs.items() if not shutil.which(program, path=path)]


def _apt(progress: Progress, what: str, *words: str) -> None:
    need_apt()
    progress.run(
        what,
        ["apt-get", "--quiet", "--no-install-recommends", *words],
        log=cache_folder() / "apt.log",
        cwd=Path("/"),
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )


@contextmanager
def _services_off() -> Iterator[None]:
    """Forbid starting services; a policy of somebody else stays, one that we left is replaced."""
    if POLICY.exists() and POLICY.read_text() != NO_SERVICES:
        yield
        return
    POLICY.write_text(NO_SERVICES)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
