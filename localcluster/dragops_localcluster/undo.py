"""``make down`` in a cluster that was there before: what ``make up`` put there is taken away.

Only the marked release and what bears our labels goes; what people made stays, and is named.
"""

import json
import shutil

from dragops_localcluster.app_image import REPOSITORY
from dragops_localcluster.binaries import HELM, LOCALCLUSTER, ensure_binary
from dragops_localcluster.forward import end_forward
from dragops_localcluster.progress import Progress
from dragops_localcluster.reach import identity_of, need_answer
from dragops_localcluster.records import Record
from dragops_localcluster.release import HERE, MARK, RELEASE, is_ours, workspaces_of
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

PATTERNS, DEPLOYMENTS = "patterns.dragops.dev", "patterndeployments.dragops.dev"
POOL = "app.kubernetes.io/part-of=dragops,app.kubernetes.io/name=dragops-engine"
# Everything that the operator makes for a pool of engines; nothing owns it but its label.
POOL_KINDS = (
    "deployments.apps,services,poddisruptionbudgets.policy,networkpolicies.networking.k8s.io,"
    "rolebindings.rbac.authorization.k8s.io,roles.rbac.authorization.k8s.io,serviceaccounts"
)


def undo(record: Record, progress: Progress) -> None:
    """Take away what was installed into one cluster, and forget it."""
    end_forward(record.folder)
    helm, program = ensure_binary(HELM, progress), ensure_binary(LOCALCLUSTER, progress)
    target = Target(record.kubeconfig, record.context, program, helm)
    _refuse_another(target, record)
    if is_ours(target):
        _uninstall(target, progress)
    else:
        progress.say(f"context {record.context} has no release {RELEASE} that make up made")
    shutil.rmtree(record.folder)


def _refuse_another(target: Target, record: Record) -> None:
    try:
        need_answer(target)
        found = identity_of(target)
    except Trouble as exc:
        raise Trouble(
            f"{exc}\nwhat make up installed there is still there: make down again once it answers,"
            f" or forget it with: rm -r {record.folder}"
        ) from exc
    if found != record.identity:
        raise Trouble(
            f"context {record.context} now leads to another cluster than make up used; nothing was"
            f" done there. Forget the old one with: rm -r {record.folder}"
        )


def _uninstall(target: Target, progress: Progress) -> None:
    workspaces, has_kinds = workspaces_of(target), _has_kinds(target)
    if has_kinds:
        # While the operator is there: it takes the children along.
        for workspace in workspaces:
            here = f"--namespace={workspace}"
            target.kubectl("delete", f"{DEPLOYMENTS},{PATTERNS}", f"--selector={MARK}", here)
    target.helm("uninstall", RELEASE, *HERE, "--wait", "--timeout=2m")
    progress.say(f"uninstalled the release {RELEASE} from context {target.context}")
    remaining = {
        workspace: _deployments(target, workspace) if has_kinds else [] for workspace in workspaces
    }
    for workspace in [workspace for workspace, names in remaining.items() if not names]:
        here = f"--namespace={workspace}"
        target.kubectl("delete", POOL_KINDS, f"--selector={POOL}", here)
    for line in leftovers(remaining):
        progress.say(line)


def leftovers(remaining: dict[str, list[str]]) -> list[str]:
    """Say what stays in the cluster, and the command that removes each of it."""
    lines = [
        f"left in {workspace}, with engines that nothing records for any more: {', '.join(names)}"
        for workspace, names in remaining.items()
        if names
    ]
    runs = f"kubectl -n {RELEASE} delete pvc/runs-dragops-api-0 secret/dragops-signing"
    kinds = f"kubectl delete crd {' '.join(all_kinds())}"
    return [
        *lines,
        f"left: namespace {RELEASE} with the runs and the signing key, until you say: {runs}",
        f"left: the kinds, and all that is of these kinds, until you say: {kinds}",
    ]


def all_kinds() -> list[str]:
    """Name every kind that the chart brings."""
    return sorted(f"{path.stem}.dragops.dev" for path in (REPOSITORY / "crds").glob("*.yaml"))


def _has_kinds(target: Target) -> bool:
    crds = ["crd", PATTERNS, DEPLOYMENTS]
    return len(target.kubectl("get", *crds, "--ignore-not-found", "--output=name").split()) == 2


def _deployments(target: Target, workspace: str) -> list[str]:
    here = f"--namespace={workspace}"
    listed = json.loads(target.kubectl("get", DEPLOYMENTS, here, "--output=json"))
    return [item["metadata"]["name"] for item in listed["items"]]
