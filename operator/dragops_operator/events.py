"""kopf's door. Every event becomes a key; no decision is taken here."""

import os
from dataclasses import dataclass
from typing import Any

import kopf

from dragops_operator.workqueue import Key, Workqueue

GROUP, VERSION = "dragops.dev", "v1"


@dataclass(frozen=True, slots=True)
class Memo:
    """What kopf hands to its handlers."""

    keys: Workqueue


def handlers() -> kopf.OperatorRegistry:
    """Build the registry of all handlers; nothing is registered by an import."""
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry, errors=kopf.ErrorsMode.PERMANENT)(logged_in)
    kopf.on.event(GROUP, VERSION, "patterns", registry=registry)(pattern_changed)
    kopf.on.event(GROUP, VERSION, "patterndeployments", registry=registry)(deployment_changed)
    kopf.on.event(GROUP, VERSION, "environments", registry=registry)(environment_changed)
    return registry


def logged_in(**told: Any) -> kopf.ConnectionInfo | None:
    """Find the API server where ``dragops.cluster`` finds it."""
    if os.environ.get("KUBECONFIG"):
        return kopf.login_with_kubeconfig(**told)
    return kopf.login_with_service_account(**told)


async def pattern_changed(namespace: str | None, name: str, memo: Memo, **_: Any) -> None:
    """Ask for one pattern to be judged."""
    memo.keys.put(Key("Pattern", namespace or "", name))


async def deployment_changed(namespace: str | None, name: str, memo: Memo, **_: Any) -> None:
    """Ask for one deployment to be made right, whatever it was that happened."""
    memo.keys.put(Key("PatternDeployment", namespace or "", name))


async def environment_changed(namespace: str | None, name: str, memo: Memo, **_: Any) -> None:
    """Ask for one Environment to be judged."""
    memo.keys.put(Key("Environment", namespace or "", name))
