"""``make up`` and ``make down`` in somebody's own cluster: a second node, in a slot of its own.

Its images were brought there beforehand, as a registry would; nothing else of it is known to the
driver but a kubeconfig and a file of values.
"""

import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from dragops_localcluster import product
from dragops_localcluster.app_image import build_images
from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.choice import Wish
from dragops_localcluster.env_file import read_env
from dragops_localcluster.image_import import load_image
from dragops_localcluster.node import node
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.progress import Progress
from dragops_localcluster.release import HERE, MADE_BY, MARK, RELEASE
from dragops_localcluster.rollout import wait_for_answer
from dragops_localcluster.storage import volume_manifests
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble
from support.product import Product, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

THEIRS, GONE = "theirs", "gone"
PATTERN = {"apiVersion": "dragops.dev/v1", "kind": "Pattern", "metadata": {"name": "mine"}}
MINE = {
    "apiVersion": "dragops.dev/v1",
    "kind": "PatternDeployment",
    "metadata": {"name": "dep-mine"},
    "spec": {"patternRef": {"name": "mine"}},
}


@dataclass
class Foreign:
    """A cluster, as its owner would describe it to the driver."""

    target: Target
    kubeconfig: str
    values: str
    own: Path
    said: str = ""

    def up(self, *, context: str = THEIRS, kubeconfig: str = "") -> dict[str, str]:
        """Do what ``make up CONTEXT=... VALUES=...`` does; give what ``.local/env`` holds."""
        said = io.StringIO()
        wish = Wish(context, kubeconfig or self.kubeconfig, self.values)
        try:
            product.up(wish, Progress(said), self.own)
        finally:
            self.said = said.getvalue()
        return self.env()

    @contextmanager
    def caller(self) -> Iterator[Product]:
        """Be who has loaded ``.local/env``."""
        caller = Product.of(self.env(), [str(self.target.program), "kubectl"])
        with caller.http:
            yield caller

    def down(self) -> None:
        """Do what ``make down`` does."""
        said = io.StringIO()
        try:
            product.down(Progress(said), self.own)
        finally:
            self.said = said.getvalue()

    def env(self) -> dict[str, str]:
        """Read ``.local/env``."""
        return read_env(self.own / "env")

    def keeper(self) -> OwnProcess:
        """Give the process that keeps the port-forward."""
        (pid,) = self.own.glob("elsewhere/*/forward.pid")
        found = OwnProcess.load(pid)
        assert found
        return found

    def releases(self) -> Any:
        """List what helm knows of."""
        return json.loads(self.target.helm("list", "--all-namespaces", "--all", "--output=json"))


def _kubeconfig(target: Target, path: Path, **user: Any) -> str:
    """Write one with two contexts, of which the current one leads nowhere."""
    config = yaml.safe_load(Path(target.kubeconfig).read_text())
    cluster, admin = config["clusters"][0]["cluster"], config["users"][0]["user"]
    nowhere = {"server": "https://127.0.0.1:1"}
    config["clusters"] = [{"name": "a", "cluster": cluster}, {"name": "b", "cluster": nowhere}]
    config["users"] = [{"name": "me", "user": user or admin}]
    config["contexts"] = [
        {"name": THEIRS, "context": {"cluster": "a", "user": "me"}},
        {"name": GONE, "context": {"cluster": "b", "user": "me"}},
    ]
    config["current-context"] = GONE
    path.write_text(yaml.safe_dump(config))
    return str(path)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """A node with the images and a storage class, and with nothing of ours in it."""
    folder, progress = tmp_path_factory.mktemp("foreign"), Progress()
    helm = ensure_binary(HELM, progress)
    with node(progress) as layout:
        target = Target(str(layout.kubeconfig), "", layout.program, helm)
        images = build_images(progress)
        for image in images.values():
            load_image(layout, image)
        volumes = {"apiVersion": "v1", "kind": "List", "items": volume_manifests(layout)}
        target.kubectl("apply", "--server-side", "--filename=-", stdin=json.dumps(volumes))
        values = folder / "values.yaml"
        named = {name: image.reference for name, image in images.items()}
        values.write_text(yaml.safe_dump({"images": named}))
        kubeconfig = _kubeconfig(target, folder / "kubeconfig")
        there = Foreign(target, kubeconfig, str(values), folder / "own")
        try:
            yield there
        finally:
            there.down()


def test_up_ends_with_a_run_of_the_example_as_it_does_locally(foreign: Foreign) -> None:
    """Images from the values, a kept port-forward, a token, a signed webhook, its run."""
    env = foreign.up()

    assert "status   completed" in foreign.said
    assert env["KUBECONFIG"] != foreign.kubeconfig
    assert Path(env["KUBECONFIG"]).stat().st_mode & 0o077 == 0
    with foreign.caller() as caller:
        assert caller.data("GET", "/api/deployments")
        assert "dep-webhook-logger" in caller.kubectl("get", "pdep")


def test_the_address_answers_again_after_its_pod_was_replaced(foreign: Foreign) -> None:
    """kubectl's port-forward dies with the pod; ours is kept by a process that does not."""
    url = foreign.up()["DRAGOPS_URL"]
    keeper = foreign.keeper()

    foreign.target.kubectl("delete", "pod", "dragops-api-0", *HERE)

    wait_for_answer(url, seconds=60)
    assert foreign.keeper() == keeper


def test_a_second_up_finds_everything_and_keeps_the_address(foreign: Foreign) -> None:
    """A shell that loaded .local/env goes on."""
    first = foreign.up()

    assert foreign.up()["DRAGOPS_URL"] == first["DRAGOPS_URL"]
    assert [release["status"] for release in foreign.releases()] == ["deployed"]


def test_up_mends_an_upgrade_whose_helm_was_killed(foreign: Foreign) -> None:
    """helm itself refuses to touch a release that is pending."""
    foreign.up()

    _kill_helm(foreign, "upgrade", "--reuse-values", until="pending-upgrade")
    foreign.up()

    assert foreign.releases()[0]["status"] == "deployed"


def test_a_release_of_somebody_else_is_left_alone(foreign: Foreign) -> None:
    """make up would replace its values."""
    foreign.up()
    revision = foreign.releases()[0]["revision"]
    _label(foreign, "null")
    try:
        with pytest.raises(Trouble, match="was not made by make up"):
            foreign.up()

        assert foreign.releases()[0]["revision"] == str(int(revision) + 1)
    finally:
        _label(foreign, "make-up")


def _label(foreign: Foreign, value: str) -> None:
    chart = str(product.REPOSITORY / "helm/dragops")
    labels = ["--labels", f"{MADE_BY}={value}"]
    foreign.target.helm("upgrade", RELEASE, chart, *HERE, "--reuse-values", *labels)


def test_an_image_that_the_nodes_cannot_get_is_told_and_mended_by_the_next_up(
    foreign: Foreign, tmp_path: Path
) -> None:
    """No waiting for a timeout; and the pod that never started does not stand in the way."""
    good, began = foreign.values, time.monotonic()
    values = yaml.safe_load(Path(good).read_text())
    values["images"]["api"] = "localhost/none:1"
    foreign.values = str(tmp_path / "values.yaml")
    Path(foreign.values).write_text(yaml.safe_dump(values))
    try:
        with pytest.raises(Trouble, match="a node cannot get the image localhost/none:1: "):
            foreign.up()
        assert time.monotonic() - began < 120
    finally:
        foreign.values = good

    foreign.up()

    assert "status   completed" in foreign.said


def test_who_may_not_install_is_told_before_anything_changes(
    foreign: Foreign, tmp_path: Path
) -> None:
    """By an account that the cluster knows and that may do nothing in it."""
    foreign.target.kubectl("create", "serviceaccount", "powerless")
    token = foreign.target.kubectl("create", "token", "powerless").strip()
    kubeconfig = _kubeconfig(foreign.target, tmp_path / "kubeconfig", token=token)

    with pytest.raises(Trouble, match="you may not create namespaces, customresourcedefinitions"):
        foreign.up(kubeconfig=kubeconfig)


def test_bad_credentials_and_a_server_that_is_not_there_are_told_apart(
    foreign: Foreign, tmp_path: Path
) -> None:
    """Each in one sentence, within seconds."""
    began = time.monotonic()
    kubeconfig = _kubeconfig(foreign.target, tmp_path / "kubeconfig", token="nonsense")

    with pytest.raises(Trouble, match=r"context theirs does not answer.*Unauthorized"):
        foreign.up(kubeconfig=kubeconfig)
    with pytest.raises(Trouble, match=r"context gone does not answer.*refused"):
        foreign.up(context=GONE)
    assert time.monotonic() - began < 30


def test_down_takes_away_what_up_made_and_leaves_what_people_made(foreign: Foreign) -> None:
    """Their deployment is named; example, release, forward and environment are gone."""
    foreign.up()
    with foreign.caller() as caller:
        logger = json.loads(caller.kubectl("get", "pattern", "webhook-logger", "--output=json"))
        caller.apply(PATTERN | {"spec": logger["spec"]}, MINE)
    keeper = foreign.keeper()

    foreign.down()

    assert "left in default" in foreign.said
    assert "dep-mine" in foreign.said
    assert not keeper.is_alive()
    assert foreign.releases() == []
    kept = foreign.target.kubectl("get", "pdep,pat,deployments", "--output=name").split()
    assert kept == [
        "patterndeployment.dragops.dev/dep-mine",
        "pattern.dragops.dev/mine",
        "deployment.apps/dragops-engine",
    ]
    assert foreign.env() == {}
    assert list(foreign.own.glob("elsewhere/*")) == []


def test_up_mends_a_first_installation_whose_helm_was_killed(foreign: Foreign) -> None:
    """There is nothing to go back to, so it begins anew."""
    marked = ["--create-namespace", "--labels", MARK]

    _kill_helm(foreign, "install", *marked, until="pending-install")
    foreign.up()

    assert foreign.releases()[0]["status"] == "deployed"


def _kill_helm(foreign: Foreign, *words: str, until: str) -> None:
    """Let helm wait for pods whose image nobody has, and kill it while it does."""
    chart = str(product.REPOSITORY / "helm/dragops")
    never_ready = ["--set", "images.operator=localhost/none:1", "--wait"]
    environment = os.environ | {"KUBECONFIG": foreign.target.kubeconfig}
    command, *rest = words
    with subprocess.Popen(
        [foreign.target.helm_program, command, RELEASE, chart, *HERE, *rest, *never_ready],
        env=environment,
    ) as helm:
        eventually(lambda: [one["status"] for one in foreign.releases()] == [until])
        helm.send_signal(signal.SIGKILL)


def test_down_takes_the_engines_along_when_nobody_needs_them(foreign: Foreign) -> None:
    """In a workspace without deployments nothing of ours is left but the kinds."""
    foreign.up()
    foreign.target.kubectl("delete", "pdep,pat", "dep-mine", "mine", "--ignore-not-found")

    foreign.down()

    kinds = "all,configmaps,secrets,roles,rolebindings,serviceaccounts,networkpolicies,pdb,cronjobs"
    ours = ["get", kinds, "--output=name", "--selector=app.kubernetes.io/part-of=dragops"]
    eventually(lambda: foreign.target.kubectl(*ours) == "")
    assert foreign.target.kubectl("get", "pdep,pat", "--output=name") == ""
    assert "patterns.dragops.dev" in foreign.target.kubectl("get", "crd", "--output=name")
