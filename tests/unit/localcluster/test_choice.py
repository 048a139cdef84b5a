"""Which cluster ``make up`` is for."""

from pathlib import Path

import pytest

from dragops_localcluster.choice import (
    InDocker,
    Local,
    Named,
    Wish,
    named_cluster,
    resolve,
    without_name,
)
from dragops_localcluster.docker_engine import Engine


@pytest.mark.parametrize(
    ("context", "kubeconfig", "expected"),
    [
        ("", "", None),
        ("", "{own}/cluster/config/admin.kubeconfig", None),
        ("", "{own}/a:{own}/elsewhere/b", None),
        ("", ":", None),
        ("", "/home/me/.kube/config", Named("", "/home/me/.kube/config")),
        ("", "/a:/b", Named("", "/a:/b")),
        ("", "{own}/a:/b", Named("", "/b")),
        ("production", "", Named("production", "")),
        ("production", "/a", Named("production", "/a")),
        ("production", "{own}/x", Named("production", "")),
    ],
)
def test_a_cluster_counts_as_named_unless_it_is_our_own(
    context: str, kubeconfig: str, expected: Named | None, tmp_path: Path
) -> None:
    """After ``. .local/env`` the next ``make up`` is about the same cluster as the one before."""
    wish = Wish(context, kubeconfig.format(own=tmp_path))

    assert named_cluster(wish, tmp_path) == expected


def test_our_own_kubeconfig_is_known_by_any_path_that_leads_to_it(tmp_path: Path) -> None:
    """A checkout may be reached through a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    wish = Wish(kubeconfig=str(tmp_path / "link" / "config"))

    assert named_cluster(wish, tmp_path / "real") is None


def test_a_relative_kubeconfig_is_kept_as_an_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``make down`` may be called from elsewhere."""
    monkeypatch.chdir(tmp_path)

    named = named_cluster(Wish(kubeconfig="config"), tmp_path / "own")

    assert named == Named("", str(tmp_path / "config"))


def test_without_a_name_an_engine_that_answers_means_kind() -> None:
    """And one that does not means the local cluster, with the reason for who expected kind."""
    assert without_name(Engine("unix:///s")) == InDocker("unix:///s")
    assert without_name(Engine("unix:///s", "timed out")) == Local(
        "no Docker engine answers at unix:///s (timed out)"
    )


def test_the_engine_is_not_asked_when_a_cluster_was_named(tmp_path: Path) -> None:
    """The environment would lead to an engine; the name goes first."""
    environment = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}

    assert resolve(Wish("mine"), environment, tmp_path) == Named("mine", "")
    assert isinstance(resolve(Wish(), environment, tmp_path), Local)
