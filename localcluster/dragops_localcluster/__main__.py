"""``python -m dragops_localcluster up|down|status|prepare|kubectl ...``."""

import errno
import os
import signal
import sys

from dragops_localcluster import product
from dragops_localcluster.app_image import build_images
from dragops_localcluster.binaries import ALL, LOCALCLUSTER, ensure_binary
from dragops_localcluster.packages import ensure_packages
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble

USAGE = "usage: python -m dragops_localcluster up|down|status|prepare|kubectl [arguments]"


def prepare(progress: Progress) -> None:
    """Do now what would make somebody wait later: build, download, install."""
    for recipe in ALL:
        ensure_binary(recipe, progress)
    ensure_packages(progress)
    build_images(progress)


def kubectl(words: list[str], progress: Progress) -> None:
    """Become the kubectl that fits the local cluster."""
    program = ensure_binary(LOCALCLUSTER, progress)
    kubeconfig = str(product.RUN / "config" / "admin.kubeconfig")
    os.execve(  # noqa: S606 - no shell is wanted
        program,
        [str(program), "kubectl", *words],
        {"KUBECONFIG": kubeconfig, **os.environ},
    )


def main(words: list[str]) -> None:
    """Carry out one command."""
    progress = Progress()
    match words:
        case ["up"]:
            product.up(progress)
        case ["down"]:
            product.down(progress)
        case ["status"]:
            print(product.status())
        case ["prepare"]:
            prepare(progress)
        case ["kubectl", *rest]:
            kubectl(rest, progress)
        case _:
            raise Trouble(USAGE)


if __name__ == "__main__":
    # As an exception, so that a build or an installation that runs is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main(sys.argv[1:])
    except Trouble as exc:
        sys.exit(f"{exc}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        sys.exit(f"the disk is full: {exc.filename or exc}; free some space and try again")
