"""Builds: what is missing is said in one sentence, what is there is not built again."""

from pathlib import Path

import pytest

from dragops_localcluster.binaries import PAUSE, SOURCE, ensure_binary, kubernetes_version
from dragops_localcluster.cache import digest_of, need_space
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble


def _go(folder: Path, version: str, build: str) -> None:
    script = f'#!/bin/bash\n[ "$1" = env ] && echo {version} && exit\n{build}\n'
    (folder / "go").write_text(script)
    (folder / "go").chmod(0o755)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of programs before the system's own, which have no go; and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_without_go_the_sentence_says_which_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing but a name on the PATH is looked at."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Trouble, match=r"Go 1\.25 or newer.* is not installed"):
        ensure_binary(PAUSE, Progress())


@pytest.mark.parametrize("version", ["go1.24.9", "go1.9", "nonsense"])
def test_an_older_go_is_refused_by_its_version(programs: Path, version: str) -> None:
    """1.9 is older than 1.25, whatever its digits look like."""
    _go(programs, version, "exit 1")

    with pytest.raises(Trouble, match=r"Go 1\.25 or newer.* is needed"):
        ensure_binary(PAUSE, Progress())


def test_a_build_is_kept_and_another_go_builds_anew(programs: Path) -> None:
    """The second call runs no compiler; a changed toolchain gives another file."""
    _go(programs, "go1.26.1", 'while [ "$1" != -o ]; do shift; done; touch "$2"')
    first = ensure_binary(PAUSE, Progress())
    _go(programs, "go1.26.1", "exit 1")
    again = ensure_binary(PAUSE, Progress())
    _go(programs, "go1.26.2", 'while [ "$1" != -o ]; do shift; done; touch "$2"')

    assert again == first
    assert ensure_binary(PAUSE, Progress()) != first


def test_a_failed_build_shows_what_the_compiler_said(programs: Path) -> None:
    """And leaves nothing that looks like a program."""
    _go(programs, "go1.26.1", "echo undefined: everything; exit 1")

    with pytest.raises(Trouble, match="undefined: everything"):
        ensure_binary(PAUSE, Progress())
    assert not list((programs / "cache").rglob("pause-*"))


def test_a_full_disk_is_noticed_before_it_breaks_something(tmp_path: Path) -> None:
    """The sentence names the folder and both figures."""
    with pytest.raises(Trouble, match=rf"{tmp_path} needs 1000000 GB of free disk, there are"):
        need_space(tmp_path, 1_000_000)


def test_the_version_is_read_from_the_modules_that_are_pinned() -> None:
    """What is stamped into the binary is what was compiled."""
    assert f"k8s.io/kubernetes {kubernetes_version()}" in (SOURCE / "go.mod").read_text()


def test_a_digest_knows_where_one_part_ends() -> None:
    """Moving a byte from one file to the next is a change."""
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"])
