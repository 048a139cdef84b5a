"""What ``make down`` says of what it leaves, and how it goes on after a fault."""

from pathlib import Path

import pytest

from dragops_localcluster import product
from dragops_localcluster.env_file import read_env, write_env
from dragops_localcluster.progress import Progress
from dragops_localcluster.records import Record, folder_of, records
from dragops_localcluster.trouble import Trouble
from dragops_localcluster.undo import leftovers


def test_everything_that_stays_is_named_with_what_removes_it() -> None:
    """Runs, kinds, and the deployments that people made."""
    lines = leftovers({"default": [], "team-a": ["dep-a", "dep-b"]})

    assert lines[0].startswith("left in team-a")
    assert lines[0].endswith("dep-a, dep-b")
    assert "kubectl -n dragops delete pvc/" in lines[1]
    assert "kubectl delete crd environments.dragops.dev patterndeployments.dragops.dev" in lines[2]


def test_a_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """Two clusters are two records; a cluster that is entered twice is one."""
    one = Record(folder_of(tmp_path, "id-1"), "/a:/b", "mine")
    other = Record(folder_of(tmp_path, "id-2"), "/a", "yours")
    for record in (one, other, one):
        record.save()

    assert list(records(tmp_path)) == [one, other]
    assert one.identity == "id-1"
    assert list(records(tmp_path / "nothing")) == []


def test_the_environment_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Whatever characters are in it; and only its owner may read the token."""
    env = {"A": "a b'c\"$d", "KUBECONFIG": "/x y:/z", "EMPTY": ""}

    write_env(tmp_path / "env", env)

    assert read_env(tmp_path / "env") == env
    assert (tmp_path / "env").stat().st_mode & 0o077 == 0
    assert read_env(tmp_path / "none") == {}


def test_a_fault_on_the_way_down_keeps_the_record_and_undoes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here there is no Go to build kubectl with; the next make down can go on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    record = Record(folder_of(tmp_path, "id-1"), "/nowhere", "gone")
    record.save()
    write_env(tmp_path / "env", {"DRAGOPS_URL": "http://127.0.0.1:8000"})

    with pytest.raises(Trouble, match=r"Go 1\.25 or newer"):
        product.down(Progress(), tmp_path)

    assert list(records(tmp_path)) == [record]
    assert not (tmp_path / "env").exists()
