"""Settings, kopf's door and probes."""

import subprocess
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dragops_operator.caches import Caches
from dragops_operator.events import Memo, deployment_changed, handlers, pattern_changed
from dragops_operator.probes import Heartbeat, troubles
from dragops_operator.settings import OperatorSettings, kopf_settings
from dragops_operator.workqueue import Key, Workqueue

GIVEN: dict[str, Any] = {
    "workspaces": "team-a, team-b",
    "public_url": "https://hooks.example",
    "engine_image": "e",
    "recorder_url": "http://r",
    "release_namespace": "dragops",
}


def test_settings_are_read_as_lists() -> None:
    settings = OperatorSettings(**GIVEN, engines="team-a=http://1, team-b=http://2")

    assert settings.workspace_names == {"team-a", "team-b"}
    assert settings.fixed_engines == ["team-a=http://1", "team-b=http://2"]


def test_wrong_settings_give_one_sentence_and_exit_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dragops_operator"],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "DRAGOPS_WORKSPACES" in done.stderr


async def test_kopfs_events_only_put_keys() -> None:
    async def work(_: Key) -> None:
        raise AssertionError("nobody works here")

    queue = Workqueue(work)

    await deployment_changed(namespace="ns", name="a", memo=Memo(queue), event={})
    await deployment_changed(namespace="ns", name="a", memo=Memo(queue), event={})
    await pattern_changed(namespace="ns", name="a", memo=Memo(queue), event={})

    assert queue.depth() == 2


def test_kopf_writes_nothing_and_peers_with_nobody() -> None:
    settings = kopf_settings()

    assert settings.peering.standalone
    assert not settings.posting.enabled
    assert settings.persistence.finalizer.startswith("dragops.dev/")
    assert not handlers()._changing.get_all_handlers()


@dataclass
class Watched:
    """An informer as probes see it."""

    age: float
    is_failing: bool = False
    namespace: str | None = None
    kind: Any = field(default_factory=lambda: SimpleNamespace(kind="Pattern"))

    def age_seconds(self) -> float:
        return self.age


@pytest.mark.parametrize(
    ("watched", "lag", "count"),
    [
        (Watched(100), 0.1, 0),
        (Watched(200), 0.1, 1),
        (Watched(200, is_failing=True), 0.1, 0),
        (Watched(100), 6.0, 1),
        (Watched(200), 6.0, 2),
    ],
    ids=["well", "a silent watch", "the API server is away", "a late loop", "both"],
)
def test_what_only_a_restart_can_heal_is_named(watched: Watched, lag: float, count: int) -> None:
    caches = cast("Caches", SimpleNamespace(informers=[watched]))

    assert len(troubles(caches, Heartbeat(lag_seconds=lag))) == count
