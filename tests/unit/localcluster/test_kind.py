"""kind's cluster: made, found or made anew; deleted only if it is the one that we made.

kind and docker are programs of the caller's. Here they are scripts that keep a cluster as a file,
so what is tested is what we ask them, not what they do.
"""

import itertools
import json
from pathlib import Path

import pytest

from dragops_localcluster import kind
from dragops_localcluster.docker_programs import DockerPrograms, need_docker_programs
from dragops_localcluster.in_docker import remove_from_docker
from dragops_localcluster.kind import Step, next_step
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble

KIND = """#!/bin/sh
echo "$DOCKER_HOST kind $*" >>{log}
case "$1 $2" in
"create cluster") touch {folder}/node; exit {create_status} ;;
"delete cluster") rm {folder}/node ;;
"get clusters") test ! -e {folder}/node || echo dragops ;;
"export kubeconfig") touch "$(echo "$*" | sed 's/.*--kubeconfig=//')" ;;
esac
"""
DOCKER = """#!/bin/sh
case "$1" in
inspect) stat -c %i%Y {folder}/node ;;
port) printf '30080/tcp -> 127.0.0.1:30085\\n6443/tcp -> 127.0.0.1:40000\\n' ;;
esac
"""


class Engine:
    """A folder that plays the engine, with the two programs that act on it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.own = folder, folder / "own"
        self.own.mkdir()
        self.programs = DockerPrograms("unix:///engine", self.own / "kind", Progress())
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        self.install("docker", DOCKER.format(folder=folder))
        self.install_kind()

    def install_kind(self, create_status: int = 0) -> None:
        script = KIND.format(
            folder=self.folder, log=self.folder / "log", create_status=create_status
        )
        self.install("kind", script)

    def install(self, name: str, script: str) -> None:
        (self.folder / name).write_text(script)
        (self.folder / name).chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """What kind was told to change, in order."""
        lines = (self.folder / "log").read_text().splitlines()
        return [" ".join(line.split()[2:4]) for line in lines if "get clusters" not in line]

    @property
    def has_cluster(self) -> bool:
        return (self.folder / "node").exists()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    return Engine(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("listed", "begun", "made", "found", "step"),
    [
        ([], False, "", "", Step.CREATE),
        (["other"], False, "", "", Step.CREATE),
        (["dragops"], False, "", "n1", Step.USE_THEIRS),
        (["dragops"], True, "n1", "n1", Step.USE_OURS),
        (["dragops"], True, "n1", "n2", Step.USE_THEIRS),
        (["dragops"], True, "", "n1", Step.CREATE_ANEW),
        ([], True, "n1", "", Step.CREATE),
        ([], True, "", "", Step.CREATE),
    ],
)
def test_the_next_step_follows_from_what_is_there_and_what_was_noted(
    listed: list[str], begun: bool, made: str, found: str, step: Step
) -> None:
    """A cluster that somebody made under our name is used, and never taken for ours."""
    assert next_step(frozenset(listed), begun=begun, made=made, found=found) is step


def test_only_a_cluster_of_our_own_is_ever_deleted() -> None:
    """Whatever was noted: without our own beginning there is no step that deletes."""
    for listed, made, found in itertools.product([[], ["dragops"]], ["", "n1"], ["", "n1", "n2"]):
        step = next_step(frozenset(listed), begun=False, made=made, found=found)

        assert step in (Step.CREATE, Step.USE_THEIRS)


def test_the_cluster_is_described_as_kind_reads_it() -> None:
    """The API's port is reached from this machine and from no other."""
    config = kind.cluster_config(30081)

    assert (config["kind"], config["apiVersion"]) == ("Cluster", "kind.x-k8s.io/v1alpha4")
    assert json.loads(json.dumps(config["nodes"])) == [
        {
            "role": "control-plane",
            "extraPortMappings": [
                {"containerPort": 30080, "hostPort": 30081, "listenAddress": "127.0.0.1"}
            ],
        }
    ]


@pytest.mark.parametrize(
    "said", ["", "6443/tcp -> 127.0.0.1:40000\n", "30080/tcp -> [::]:30080\n", "130080/tcp -> x"]
)
def test_a_cluster_without_our_port_says_how_to_use_it(said: str) -> None:
    """Somebody made it without a mapping, and a mapping cannot be added later."""
    with pytest.raises(Trouble, match="make up CONTEXT=kind-dragops VALUES=file"):
        kind.port_in(said)


def test_a_cluster_is_made_once_and_found_again(engine: Engine) -> None:
    """The second ``make up`` takes seconds."""
    assert kind.ensure_cluster(engine.programs) is Step.CREATE
    assert kind.ensure_cluster(engine.programs) is Step.USE_OURS

    assert engine.asked == ["create cluster", "export kubeconfig", "export kubeconfig"]
    assert kind.mapped_port(engine.programs) == 30085


def test_kind_is_told_of_the_engine_that_answered(engine: Engine) -> None:
    """A docker context of the caller's may lead elsewhere."""
    kind.ensure_cluster(engine.programs)

    lines = (engine.folder / "log").read_text().splitlines()
    assert {line.split()[0] for line in lines} == {"unix:///engine"}


def test_a_cluster_that_was_half_made_is_made_anew(engine: Engine) -> None:
    """A make up that was killed leaves a node that nobody can finish."""
    engine.install_kind(create_status=1)
    with pytest.raises(Trouble, match="making the kind cluster dragops failed"):
        kind.ensure_cluster(engine.programs)
    engine.install_kind()

    assert kind.ensure_cluster(engine.programs) is Step.CREATE_ANEW

    assert engine.asked == [
        *["create cluster", "delete cluster", "create cluster", "export kubeconfig"]
    ]


def test_down_deletes_the_cluster_that_up_made(engine: Engine) -> None:
    """And what was noted of it."""
    kind.ensure_cluster(engine.programs)

    remove_from_docker(engine.own, Progress())

    assert not engine.has_cluster
    assert not (engine.own / "kind").exists()


def test_down_deletes_a_cluster_that_was_half_made(engine: Engine) -> None:
    """It is ours all the same."""
    engine.install_kind(create_status=1)
    with pytest.raises(Trouble):
        kind.ensure_cluster(engine.programs)

    remove_from_docker(engine.own, Progress())

    assert not engine.has_cluster


def test_down_leaves_a_cluster_that_was_there_before(engine: Engine) -> None:
    """Its maker may have more in it than us."""
    (engine.folder / "node").touch()
    assert kind.ensure_cluster(engine.programs) is Step.USE_THEIRS

    remove_from_docker(engine.own, Progress())

    assert engine.has_cluster
    assert engine.asked == ["export kubeconfig"]


def test_without_kind_it_is_said_how_to_get_it(engine: Engine) -> None:
    """And how to do without."""
    (engine.folder / "kind").unlink()

    with pytest.raises(Trouble, match=r"go install sigs\.k8s\.io/kind@v.*DOCKER_HOST=none make up"):
        need_docker_programs()
