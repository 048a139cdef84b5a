"""The chart's release: who made it, and mending one whose helm was killed half-way.

The mark is a label that helm keeps with the release, so it is in the cluster and not on a disk
that another checkout does not have.
"""

import json
from typing import Any

from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

RELEASE = "dragops"
MADE_BY, MAKE_UP = "dragops.dev/made-by", "make-up"
MARK = f"{MADE_BY}={MAKE_UP}"
HERE = ["--namespace", RELEASE]


def refuse_release_of_others(target: Target) -> None:
    """Stop before an installation is changed that somebody made with helm or a pipeline."""
    if _listed(target) and not is_ours(target):
        raise Trouble(
            f"the release {RELEASE} in namespace {RELEASE} of context {target.context} was not made"
            " by make up, which would replace its values: upgrade it with helm, or as it came"
        )


def is_ours(target: Target) -> bool:
    """Say whether ``make up`` made the release; a missing one is not ours."""
    return bool(_listed(target, f"--selector={MARK}"))


def heal_release(target: Target) -> None:
    """End what a killed helm has left open, as helm refuses to go on from there."""
    for release in _listed(target):
        if release["status"] in ("pending-install", "uninstalling"):
            target.helm("uninstall", RELEASE, *HERE)
        elif release["status"] in ("pending-upgrade", "pending-rollback"):
            target.helm("rollback", RELEASE, *HERE)


def workspaces_of(target: Target) -> list[str]:
    """Give the namespaces in which the release lets patterns run."""
    values = json.loads(
        target.helm("get", "values", RELEASE, *HERE, "--all", "--output=json") or "{}"
    )
    return [str(name) for name in values.get("workspaces") or ()]


def _listed(target: Target, *words: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(
        target.helm("list", *HERE, "--all", f"--filter=^{RELEASE}$", "--output=json", *words)
    )
    return listed
