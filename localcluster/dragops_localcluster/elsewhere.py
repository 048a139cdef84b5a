"""``make up`` in a cluster that was named: its images come from where the values say.

Everything that can be wrong with the caller's words is found before anything is built, and
everything that can be wrong with the cluster before anything is installed.
"""

from pathlib import Path

from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.choice import Named
from dragops_localcluster.contexts import default_kubeconfig, read_contexts
from dragops_localcluster.forward import start_forward
from dragops_localcluster.install import Installed, environment, install_chart
from dragops_localcluster.progress import Progress
from dragops_localcluster.reach import identity_of, need_answer, need_rights
from dragops_localcluster.records import Record, folder_of
from dragops_localcluster.release import refuse_release_of_others
from dragops_localcluster.target import Target
from dragops_localcluster.values_file import read_values


def install_elsewhere(named: Named, values_path: str, own: Path, progress: Progress) -> Installed:
    """Install into the named cluster, and keep a port-forward to it."""
    values = read_values(values_path)
    kubeconfig = named.kubeconfig or default_kubeconfig()
    contexts = read_contexts(kubeconfig)
    context = contexts.pick(named.context)
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    target = Target(kubeconfig, context, program, helm)
    folder = enter(target, own)
    progress.say(f"installing into your cluster: context {context} of {kubeconfig}")
    install_chart(target, file=values.path)
    forward = start_forward(folder, target)
    progress.say(f"the chart is installed and ready; forwarded to {forward.url} until make down")
    if context != contexts.current:
        kubeconfig = _only(target, folder)
    env = environment(target, forward.url, kubeconfig, values.workspace)
    return Installed(target, env)


def enter(target: Target, own: Path) -> Path:
    """Make sure that we may change this cluster, and note that we are about to."""
    need_answer(target)
    need_rights(target)
    refuse_release_of_others(target)
    record = Record(folder_of(own, identity_of(target)), target.kubeconfig, target.context)
    record.save()
    return record.folder


def _only(target: Target, folder: Path) -> str:
    """Write a kubeconfig whose current context is this one, for who loads ``.local/env``."""
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(target.kubectl("config", "view", "--minify", "--flatten", "--raw"))
    return str(path)
