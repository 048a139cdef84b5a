"""``python -m dragops_localcluster up|down|status|prepare|kubectl ...``."""

import argparse
import os
import signal
import sys

from dragops_localcluster import product
from dragops_localcluster.app_image import build_images
from dragops_localcluster.binaries import ALL, LOCALCLUSTER, ensure_binary
from dragops_localcluster.choice import Wish
from dragops_localcluster.env_file import read_env
from dragops_localcluster.packages import ensure_packages
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble, sentence_for


def main(words: list[str]) -> None:
    """Carry out one command."""
    progress = Progress()
    if words[:1] == ["kubectl"]:
        kubectl(words[1:], progress)
    asked = _parser().parse_args(words)
    asked.run(asked, progress)


def up(asked: argparse.Namespace, progress: Progress) -> None:
    """Have the product in a cluster: the one that was named, or one of our own."""
    wish = Wish(asked.context, os.environ.get("KUBECONFIG", ""), asked.values)
    product.up(wish, progress)


def prepare(progress: Progress) -> None:
    """Do now what would make somebody wait later: build, download, install."""
    for recipe in ALL:
        ensure_binary(recipe, progress)
    ensure_packages(progress)
    build_images(progress)


def kubectl(words: list[str], progress: Progress) -> None:
    """Become the kubectl that fits the cluster of the last ``make up``."""
    program = ensure_binary(LOCALCLUSTER, progress)
    local = str(product.OWN / "cluster" / "config" / "admin.kubeconfig")
    kubeconfig = read_env(product.OWN / "env").get("KUBECONFIG", local)
    os.execve(  # noqa: S606 - no shell is wanted
        program,
        [str(program), "kubectl", *words],
        {"KUBECONFIG": kubeconfig, **os.environ},
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dragops_localcluster")
    commands = parser.add_subparsers(required=True)
    asked_up = commands.add_parser("up", help="a cluster, the product in it, an example that ran")
    asked_up.set_defaults(run=up)
    asked_up.add_argument(
        "--context",
        default=os.environ.get("CONTEXT", ""),
        help="a cluster that you have; without it KUBECONFIG's, kind's, or the local one",
    )
    asked_up.add_argument(
        "--values",
        default=os.environ.get("VALUES", ""),
        help="a file of values for a cluster that you have; it names the images",
    )
    down = commands.add_parser("down", help="undo what up made")
    down.set_defaults(run=lambda _, progress: product.down(progress))
    status = commands.add_parser("status", help="say where the product is")
    status.set_defaults(run=lambda *_: print(product.status()))
    build = commands.add_parser("prepare", help="build and download what the others need")
    build.set_defaults(run=lambda _, progress: prepare(progress))
    commands.add_parser("kubectl", help="kubectl for the cluster of the last up")
    return parser


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
        sentence = sentence_for(exc)
        if not sentence:
            raise
        sys.exit(sentence)
