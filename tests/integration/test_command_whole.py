"""The command beside the whole product: a real API server, operator, engine, recorder and API."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from support.command import Command
from support.installed import HERE
from support.product import Product, graph

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).parents[2]
MANIFEST = str(ROOT / "examples/01-webhook-logger/pattern.yaml")
PUSH = '{"pusher": {"name": "Ada"}, "repository": {"full_name": "ada/engine"}}'
MANUAL = {
    "name": "By hand",
    "graphData": graph(
        {"start": ("OnStart", {}), "parse": ("JsonParse", {"json": "{broken"}), "log": ("Log", {})},
        "start.exec -> log.exec",
        "parse.object -> log.message",
    ),
}


@pytest.fixture(scope="module")
def dragops(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command, logged in by the cluster: a token of the editor, made by TokenRequest."""
    command = Command(tmp_path_factory.mktemp("home"))
    command.good(
        *("login", "--kubeconfig", product.kubeconfig, "--service-account", f"{HERE}/editor"),
        *("--url", product.url, "--context", "whole", "--expires", "1h"),
    )
    return command


def test_the_cluster_makes_a_token_that_the_api_takes(product: Product, dragops: Command) -> None:
    """It is stored with how it was made, so that login alone renews it."""
    stored = dragops.config.read_text()

    renewed = dragops.good("login", "-o", "json").json

    assert renewed["username"] == f"system:serviceaccount:{HERE}:editor"
    assert dragops.config.read_text() != stored
    (context,) = dragops.good("contexts", "list", "-o", "json").json
    assert (context["name"], context["serviceAccount"]) == ("whole", f"{HERE}/editor")
    assert dragops.good("login", "--check").out.startswith("You are ")


def test_a_login_that_a_cluster_refuses_says_what_is_missing(
    product: Product, dragops: Command, tmp_path: Path
) -> None:
    """An account that is not there, an address that is not known, a file that is none."""
    alone, login = Command(tmp_path), ("login", "--kubeconfig", product.kubeconfig)
    nothing = tmp_path / "empty"
    nothing.write_text("")

    account = alone(*login, "--url", product.url, "--service-account", f"{HERE}/missing")
    address = alone(*login, "--service-account", f"{HERE}/editor")
    file = alone("login", "--kubeconfig", str(nothing), "--url", product.url)

    assert (account.code, "user.create=true" in account.err) == (3, True)
    assert (address.code, "is DragOps installed there?" in address.err) == (3, True)
    assert (file.code, "no log-in" in file.err) == (5, True)
    assert not alone.config.exists()


def test_a_file_is_deployed_called_and_its_log_followed(dragops: Command) -> None:
    """From a manifest to the line that its run wrote, without curl or kubectl."""
    deployed = dragops.good("deploy", "-f", MANIFEST, "-o", "json").json["deploymentId"]
    command = [sys.executable, "-m", "dragops.cli", "logs", deployed, "--follow", "-o", "json"]
    env = {"XDG_CONFIG_HOME": str(dragops.home / ".config"), "HOME": str(dragops.home)}

    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as following:
        sent = dragops.good("webhook", "send", deployed, "--data", PUSH, "-o", "json").json
        assert following.stdout
        line = orjson.loads(following.stdout.readline())
        following.terminate()

    assert sent["status"] == 202
    assert line["message"] == "Ada pushed to ada/engine"
    assert line["runId"] == orjson.loads(sent["body"])["runId"]
    (row,) = dragops.good("runs", "list", deployed, "--by", "webhook").rows[1:]
    assert row[:3] == [line["runId"], "completed", "webhook"]


def test_a_run_by_hand_ends_with_its_own_code(dragops: Command) -> None:
    """Completed is 0, failed is 1 and tells the node."""
    deployed = dragops.good("deploy", "-f", "-", "-o", "json", stdin=orjson.dumps(MANUAL).decode())
    id_ = deployed.json["deploymentId"]

    failed = dragops("execute", id_, "--event", '{"a": 1}')

    assert failed.code == 1
    assert "node" in failed.out
    run = failed.out.split()[0]
    assert " error " in dragops.good("logs", run, "--follow").out


def test_doctor_looks_into_the_cluster(product: Product, dragops: Command) -> None:
    """Processes of a test are no pods, and doctor says that they are missing."""
    ran = dragops("doctor", "--kubeconfig", product.kubeconfig, "-o", "json")

    assert ran.code == 1
    found = [(item["verdict"], item["check"], item["message"]) for item in ran.json]
    api, operator, *engines = [told for verdict, _, told in found if verdict == "fail"]
    assert api == "there is no pod of dragops-api"
    assert operator == "there is no pod of dragops-operator"
    assert all("dragops-engine" in told and "Unschedulable" in told for told in engines)
    assert ("ok", "definitions", "patterndeployments.dragops.dev") in found
    assert ("ok", "kubeconfig", f"it may work with patterns in {HERE}") in found


def _deployed(dragops: Command, name: str, graph_data: dict[str, Any]) -> tuple[str, str]:
    """Store and deploy a graph; give the pattern's and the deployment's id."""
    text = orjson.dumps({"name": name, "graphData": graph_data}).decode()
    id_ = dragops.good("deploy", "-f", "-", "-o", "json", stdin=text).json["deploymentId"]
    return dragops.good("deployments", "get", id_, "-o", "json").json["patternId"], id_


SAYING = graph(
    {"start": ("OnStart", {}), "log": ("Log", {"message": "one"})}, "start.exec -> log.exec"
)


def test_an_earlier_version_runs_again(dragops: Command) -> None:
    """Deployed twice, rolled back, its program read, its graph restored."""
    pattern, id_ = _deployed(dragops, "Versions", SAYING)
    edited = orjson.loads(orjson.dumps(SAYING).replace(b'"one"', b'"two"'))
    _deployed(dragops, "Versions", edited)

    back = dragops.good("rollback", id_, "1")
    run = dragops.good("execute", id_, "-o", "json").json["runId"]
    program = dragops.good("versions", id_, "--program", "1").out
    rows = dragops.good("versions", id_).rows
    dragops.good("patterns", "restore", pattern, "1")

    assert back.out == f"{id_} runs version 1.\n"
    assert dragops.good("logs", run, "--follow").out.endswith("[log] one\n")
    assert "async def " in program
    assert [row[:3] for row in rows[1:]] == [["2", "no", "no"], ["1", "yes", "yes"]]
    graph_now = dragops.good("patterns", "get", pattern, "-o", "json").json["graphData"]
    assert b'"one"' in orjson.dumps(graph_now)
    assert dragops("rollback", id_, "9").code == 3


def test_a_run_is_repeated_with_its_event(dragops: Command) -> None:
    """It has an id of its own, and says whose event it has taken."""
    _, id_ = _deployed(dragops, "Again", SAYING)
    first = dragops.good("execute", id_, "--event", '{"a": 1}', "-o", "json").json["runId"]

    again = dragops.good("runs", "retry", first, "-o", "json").json

    assert (again["status"], again["retryOf"]) == ("completed", first)
    event = dragops.good("runs", "get", again["runId"], "-o", "json").json["eventData"]
    assert event["data"] == {"a": 1}


def test_a_schedule_is_changed(dragops: Command) -> None:
    """The operator and the engines have obeyed."""
    ticking = graph(
        {"tick": ("OnSchedule", {"schedule": "0 0 1 1 *"}), "log": ("Log", {"message": "hi"})},
        "tick.exec -> log.exec",
    )
    _, id_ = _deployed(dragops, "Ticking", ticking)

    changed = dragops.good("schedule", id_, "30 4 * * *", "--timezone", "Asia/Tokyo", "-o", "json")

    assert changed.json["cronExpression"] == "30 4 * * *"
    assert changed.json["nextRuns"][0].endswith("T19:30:00.000Z")


def test_a_pattern_reads_the_environment_that_it_was_deployed_with(dragops: Command) -> None:
    """Changed from the command line, without another deploy."""
    reads = graph(
        {
            "start": ("OnStart", {}),
            "region": ("GetEnvironment", {"name": "REGION"}),
            "log": ("Log", {}),
        },
        "start.exec -> log.exec",
        "region.value -> log.message",
    )
    pattern, id_ = _deployed(dragops, "Reads", SAYING)
    dragops.good("env", "create", "Here", "REGION=eu")
    file = orjson.dumps({"name": "Reads", "graphData": reads}).decode()
    dragops.good("patterns", "update", pattern, "-f", "-", stdin=file)

    dragops.good("deploy", pattern, "--env", "Here")
    run = dragops.good("execute", id_, "-o", "json").json["runId"]

    assert dragops.good("logs", run, "--follow").out.endswith("[log] eu\n")
