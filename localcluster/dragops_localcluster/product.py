"""``make up`` and ``make down``: from a bare machine to a run of the first example, and back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dragops_localcluster.app_image import REPOSITORY
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.cache import locked
from dragops_localcluster.choice import InDocker, Local, Named, Wish, resolve
from dragops_localcluster.elsewhere import install_elsewhere
from dragops_localcluster.env_file import write_env
from dragops_localcluster.example import show_example
from dragops_localcluster.in_docker import install_in_docker, remove_from_docker
from dragops_localcluster.install import Installed, install_locally
from dragops_localcluster.node import bring_up, take_down
from dragops_localcluster.packages import need_apt, need_root
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.progress import Progress
from dragops_localcluster.records import records
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble
from dragops_localcluster.undo import undo

OWN = REPOSITORY / ".local"


def up(wish: Wish, progress: Progress, own: Path = OWN) -> None:
    """Install into the cluster that ``resolve`` chooses, and show a run of the first example."""
    with _alone(own, progress):
        installed = _install(resolve(wish, os.environ, own), wish, own, progress)
        write_env(own / "env", installed.env)
        progress.say("wrote .local/env; load it with: . .local/env")
        table = show_example(installed.target, installed.env)
        progress.say(f"examples/01-webhook-logger took a signed webhook:\n{table}")


def down(progress: Progress, own: Path = OWN) -> None:
    """Undo whatever ``make up`` has made, wherever; tell at the end what could not be undone."""
    with _alone(own, progress):
        steps: list[Callable[[], None]] = [
            *[lambda record=record: undo(record, progress) for record in records(own)],
            lambda: remove_from_docker(own, progress),
            lambda: _remove_local(own, progress),
        ]
        faults = [fault for step in steps if (fault := _fault_of(step))]
        (own / "env").unlink(missing_ok=True)
    if faults:
        raise Trouble("\n".join(faults))
    progress.say("make up has left nothing to undo")


def status(own: Path = OWN) -> str:
    """Say in a line each where the product is, as far as ``make up`` put it there."""
    process = OwnProcess.load(own / "cluster" / "pid.json")
    lines = [f"context {record.context} of {record.kubeconfig}" for record in records(own)]
    if (own / "kind" / "made").exists():
        lines.append("the kind cluster dragops")
    if process and process.is_alive() and (own / "cluster" / "ready").exists():
        lines.append(f"the local cluster runs; its data is in {own / 'cluster'}")
    return "\n".join(lines) or "there is no cluster; make up makes one"


def _install(
    choice: Named | InDocker | Local, wish: Wish, own: Path, progress: Progress
) -> Installed:
    match choice:
        case Named():
            return install_elsewhere(choice, wish.values, own, progress)
        case InDocker(place):
            progress.say(f"a Docker engine answers at {place}: using kind")
            return install_in_docker(place, own, progress)
        case Local(reason):
            progress.say(f"{reason}: using the local cluster")
            return _install_here(own, progress)


def _install_here(own: Path, progress: Progress) -> Installed:
    # before the build of ten minutes, not after it
    need_root()
    need_apt()
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    layout = bring_up(own / "cluster", progress)
    progress.say(f"the cluster runs: {layout.server}")
    target = Target(str(layout.kubeconfig), "", program, helm, layout)
    return Installed(target, install_locally(target, layout, progress))


def _remove_local(own: Path, progress: Progress) -> None:
    if (own / "cluster").exists():
        take_down(own / "cluster")
        progress.say("the local cluster is gone")


def _fault_of(step: Callable[[], None]) -> str:
    try:
        step()
    except Trouble as exc:
        return str(exc)
    return ""


@contextmanager
def _alone(own: Path, progress: Progress) -> Iterator[None]:
    with locked(own / "up.lock", lambda: progress.say("waiting for another make up or down")):
        yield
