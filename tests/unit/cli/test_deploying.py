"""Patterns and deployments from the command line, over a real API on a socket."""

import re
from pathlib import Path

import pytest
import yaml

from support.command import Command
from support.product import LOGGER
from support.served_api import ServedApi

ROOT = Path(__file__).parents[3]
MANIFEST = str(ROOT / "examples/01-webhook-logger/pattern.yaml")


def test_a_manifest_becomes_a_pattern_that_is_listed_and_read(dragops: Command) -> None:
    """What kubectl applies and what the command stores are the same file."""
    made = dragops.good("patterns", "create", "-f", MANIFEST)

    id_ = made.out.split()[0]
    assert made.out == f"{id_} created: Webhook Logger.\n"
    head, row = dragops.good("patterns", "list").rows
    assert head == ["ID", "NAME", "TAGS", "UPDATED"]
    assert row[:3] == [id_, "Webhook Logger", "examples"]
    read = dragops.good("patterns", "get", id_, "-o", "json").json
    assert [node["id"] for node in read["graphData"]["nodes"]] == [
        *("hook", "who", "sentence", "where", "log")
    ]
    page = dragops.good("patterns", "get", "Webhook Logger").out
    assert "Nodes        5\n" in page


def test_a_deploy_of_a_file_stores_and_deploys_and_repeats(dragops: Command) -> None:
    """The second deploy of the same file changes the pattern that the first has made."""
    first = dragops.good("deploy", "-f", MANIFEST, "-o", "json").json
    second = dragops.good("deploy", "-f", MANIFEST)

    assert first["status"] == "active"
    assert (
        second.out == f"{first['deploymentId']} is live as version 2; triggers: OnWebhook (hook).\n"
    )
    assert len(dragops.good("patterns", "list", "-o", "json").json) == 1
    got = dragops.good("deployments", "get", first["deploymentId"], "-o", "json").json
    assert got["versionNumber"] == 2


def test_a_deploy_that_is_not_confirmed_in_time_ends_with_5(
    api: ServedApi, dragops: Command
) -> None:
    """It goes on by itself; without waiting the same is no failure."""
    api.door.operator.is_deaf = True

    late = dragops("deploy", "-f", MANIFEST, "--timeout", "1s")
    unwaited = dragops("deploy", "-f", MANIFEST, "--no-wait")

    assert late.code == 5
    assert "not confirmed it after" in late.err
    assert unwaited.code == 0
    assert " is pending; " in unwaited.out


def test_every_fault_of_a_pattern_is_a_row_with_node_and_pin(
    dragops: Command, tmp_path: Path
) -> None:
    """A deploy that does not compile ends with 1."""
    broken = {"name": "B", "graphData": {"nodes": [{"id": "a", "type": "Lgo"}], "edges": []}}
    file = tmp_path / "broken.json"
    file.write_text(yaml.safe_dump(broken))

    ran = dragops("deploy", "-f", str(file))

    assert ran.code == 1
    assert "does not compile" in ran.err
    assert "(COMPILATION_FAILED)" in ran.err
    lines = [line.split() for line in ran.err.splitlines()]
    assert ["NODE", "CODE", "WHAT"] in lines
    assert any(line[:2] == ["a", "UNKNOWN_NODE"] for line in lines)
    assert "  do: mend the nodes" in ran.err


def test_states_turn_and_are_told(dragops: Command) -> None:
    """Pause, resume, redeploy, undeploy; a pattern's id stands for its deployment."""
    deployed = dragops.good("deploy", "-f", MANIFEST, "-o", "json").json["deploymentId"]
    pattern = dragops.good("patterns", "list", "-o", "name").out.strip()

    assert dragops.good("pause", deployed).out == f"{deployed} is paused.\n"
    again = dragops("pause", deployed)
    assert (again.code, "(ALREADY_PAUSED)" in again.err) == (1, True)
    assert dragops.good("resume", pattern).out == f"{deployed} is active.\n"
    assert dragops.good("redeploy", deployed, "-o", "json").json["status"] == "active"
    assert dragops.good("undeploy", pattern).out == f"{pattern} is undeployed.\n"
    (row,) = dragops.good("deployments", "list", "--status", "undeployed").rows[1:]
    assert row[:3] == [deployed, "Webhook Logger", "undeployed"]


def test_a_delete_wants_a_yes_where_nobody_can_be_asked(dragops: Command) -> None:
    """Scripts say --yes; a pipe that answers y is no person."""
    deployed = dragops.good("deploy", "-f", MANIFEST, "-o", "json").json["deploymentId"]

    refused = dragops("deployments", "delete", deployed, stdin="y\n")
    gone = dragops.good("deployments", "delete", deployed, "--yes")

    assert refused.code == 2
    assert "--yes" in refused.err
    assert gone.out == f"{deployed} is deleted.\n"
    assert dragops("deployments", "get", deployed).code == 3


def test_a_name_that_two_patterns_have_is_refused_with_their_ids(dragops: Command) -> None:
    """The command never guesses which one is meant."""
    ids = [dragops.good("patterns", "create", "-f", MANIFEST, "-o", "name").out for _ in range(2)]

    for words in (("patterns", "get", "Webhook Logger"), ("deploy", "-f", MANIFEST)):
        ran = dragops(*words)

        assert ran.code == 2
        assert all(id_.strip() in ran.err for id_ in ids)


def test_an_update_keeps_what_the_file_leaves_out(dragops: Command, tmp_path: Path) -> None:
    """The API's own JSON is a file, too; what only the API sets may stand in it."""
    id_ = dragops.good("patterns", "create", "-f", MANIFEST, "-o", "name").out.strip()
    file = tmp_path / "renamed.json"
    file.write_text('{"name": "Renamed", "id": "pat_x", "versionNumber": 3}')

    dragops.good("patterns", "update", id_, "-f", str(file))

    read = dragops.good("patterns", "get", id_, "-o", "yaml")
    data = yaml.safe_load(read.out)
    assert (data["name"], len(data["graphData"]["nodes"])) == ("Renamed", 5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1]", "is no pattern"),
        ('{"broken', ": is not JSON: "),
        ("a: [", ":2:1: is not YAML: "),
        ("", "holds no document"),
        ("{}", "nor has it a name"),
        ('{"name": "a", "nmae": "b"}', "has a field that no pattern has: nmae"),
        ("apiVersion: apps/v1\nkind: Deployment\n", "is a apps/v1 Deployment"),
        ("apiVersion: dragops.dev/v1\nkind: Pattern\n", "metadata.name: is missing"),
        (
            "apiVersion: dragops.dev/v1\nkind: Pattern\nmetadata: {name: a}\nspec: {nodes: 3}",
            "spec.nodes",
        ),
        ("\udcff", "is no text in UTF-8"),
    ],
)
def test_a_file_that_is_no_pattern_is_refused_with_its_name(
    dragops: Command, tmp_path: Path, text: str, told: str
) -> None:
    """Nothing is sent; the code is that of a wrong command line."""
    file = tmp_path / "file.yaml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    ran = dragops("patterns", "create", "-f", str(file))

    assert ran.code == 2
    assert str(file) in ran.err
    assert told in ran.err
    assert dragops.good("patterns", "list", "-o", "json").json == []


def test_a_file_that_is_not_there_is_told(dragops: Command) -> None:
    """The system's own words, and which file."""
    ran = dragops("deploy", "-f", "/nowhere.yaml")

    assert (ran.code, ran.err) == (
        2,
        "Error: /nowhere.yaml: cannot be read: No such file or directory\n",
    )


def test_stdin_is_a_file_of_several_documents(dragops: Command) -> None:
    """Each pattern of it is stored."""
    document = {"name": "A", "graphData": LOGGER}
    text = yaml.safe_dump_all([document, None, document | {"name": "B"}])

    made = dragops.good("patterns", "create", "-f", "-", stdin=text)

    assert [line.split(": ")[1] for line in made.out.splitlines()] == ["A.", "B."]


def test_control_codes_of_a_name_do_not_reach_the_terminal(dragops: Command) -> None:
    """Whoever may write a pattern must not write to the terminals of others."""
    name = "red \x1b[31m\u202e name\nnext"
    dragops.good("patterns", "create", "-f", "-", stdin=yaml.safe_dump({"name": name}))

    listed = dragops.good("patterns", "list").out
    as_json = dragops.good("patterns", "list", "-o", "json")

    assert "red \\x1b[31m\\u202e name\\nnext" in listed
    assert "\x1b" not in listed + as_json.out
    assert as_json.json[0]["name"] == name


def test_what_another_manager_owns_is_told_beside_the_result(
    api: ServedApi, dragops: Command
) -> None:
    """The API warns in a header, whose name may come in any case."""
    deployed = dragops.good("deploy", "-f", MANIFEST, "-o", "json").json["deploymentId"]
    stored = api.door.cluster.objects["patterndeployments", "team-a", deployed.replace("_", "-", 1)]
    owned = {"f:spec": {"f:state": {}}}
    stored["metadata"]["managedFields"] = [{"manager": "argocd", "fieldsV1": owned}]

    ran = dragops.good("pause", deployed)

    assert ran.out == f"{deployed} is paused.\n"
    assert ran.err == "Warning: changed here, but managed by argocd\n"


def test_an_error_names_the_request_for_the_servers_log(dragops: Command) -> None:
    """Who looks for it there finds it by this id."""
    ran = dragops("deployments", "get", "dep_none")

    assert ran.code == 3
    assert re.search(r"  at: GET http://\S+/api/deployments/dep_none, request \w{16,}\n", ran.err)


def test_a_name_may_hold_what_no_id_holds(dragops: Command) -> None:
    """People name patterns after paths; such a word is looked for among the names."""
    made = dragops.good("patterns", "create", "-f", "-", stdin='{"name": "ops/Night sync?"}')

    found = dragops.good("patterns", "get", "ops/Night sync?", "-o", "name")
    missing = dragops("patterns", "get", "ops/Day sync")

    assert found.out.strip() == made.out.split()[0]
    assert missing.code == 3
    assert missing.err == (
        "Error: pattern 'ops/Day sync' does not exist\n"
        "  do: see which there are: dragops patterns list\n"
    )


@pytest.mark.parametrize("id_", ["", ".", "..", "../health", "a/b"])
def test_an_id_that_would_lead_elsewhere_is_refused(dragops: Command, id_: str) -> None:
    """Nothing is asked of the API."""
    for words in (("runs", "get", id_), ("deployments", "get", id_), ("pause", id_)):
        ran = dragops(*words)

        assert (ran.code, ran.err) == (2, f"Error: {id_!r}: is no id\n")
