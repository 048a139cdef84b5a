"""``make up`` and ``make down``: from a bare machine to a run of the first example, and back."""

import os
import shlex
from collections.abc import Mapping

from dragops_localcluster.app_image import REPOSITORY
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.cache import locked
from dragops_localcluster.example import show_example
from dragops_localcluster.install import environment, install_chart, install_locally
from dragops_localcluster.node import bring_up, take_down
from dragops_localcluster.packages import need_apt, need_root
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.progress import Progress
from dragops_localcluster.target import Target, is_local

OWN = REPOSITORY / ".local"
RUN = OWN / "cluster"


def up(progress: Progress) -> None:
    """Install into the cluster that was named, else into the local one."""
    with locked(OWN / "up.lock", lambda: progress.say("waiting for another make up or down")):
        if is_local(os.environ, OWN):
            _up_here(progress)
        else:
            _up_elsewhere(progress)


def down(progress: Progress) -> None:
    """Remove the local cluster; clusters that were named are not touched."""
    with locked(OWN / "up.lock", lambda: progress.say("waiting for another make up or down")):
        take_down(RUN)
        (OWN / "env").unlink(missing_ok=True)
    progress.say("the local cluster is gone; clusters of your own are as they were")


def _up_here(progress: Progress) -> None:
    # before the build of ten minutes, not after it
    need_root()
    need_apt()
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    layout = bring_up(RUN, progress)
    progress.say(f"the cluster runs: {layout.server}")
    target = Target(str(layout.kubeconfig), "", program, helm, layout)
    env = install_locally(target, layout, progress)
    _write_env(env)
    progress.say("wrote .local/env; load it with: . .local/env")
    table = show_example(target, env)
    progress.say(f"examples/01-webhook-logger took a signed webhook:\n{table}")


def _up_elsewhere(progress: Progress) -> None:
    """Install where images cannot be pushed from here, so the caller's values name them."""
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    kubeconfig, context = os.environ.get("KUBECONFIG", ""), os.environ.get("CONTEXT", "")
    target = Target(kubeconfig, context, program, helm)
    progress.say(f"installing into your cluster: {context or kubeconfig}")
    progress.say("its nodes must be able to get the images; name them with VALUES=file (images.*)")
    install_chart(target, file=os.environ.get("VALUES", ""))
    _write_env(environment(target, "http://127.0.0.1:8000", kubeconfig))
    progress.say(
        "wrote .local/env; its URL needs: kubectl -n dragops port-forward svc/dragops-api 8000"
    )


def _write_env(env: Mapping[str, str]) -> None:
    OWN.mkdir(exist_ok=True)
    path = OWN / "env"
    path.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in env.items() if value]
    path.write_text("".join(lines))


def status() -> str:
    """Say in one line whether the local cluster is there."""
    process = OwnProcess.load(RUN / "pid.json")
    if process and process.is_alive() and (RUN / "ready").exists():
        return f"the local cluster runs; its data is in {RUN}"
    return "there is no local cluster; make up makes one"
