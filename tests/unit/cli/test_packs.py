"""Packs at the command line: shown, checked with lines and columns, deployed with a pattern."""

from pathlib import Path

import pytest
import yaml

from support.command import Command

EXAMPLES = Path(__file__).parents[3] / "examples" / "packs"
CHAT, ISSUES = (EXAMPLES / n / f"{n}.dragops-pack.json" for n in ("chat", "issues"))
PATTERN, DEPLOYMENT = EXAMPLES / "chat" / "pattern.yaml", EXAMPLES / "chat" / "deployment.yaml"
BROKEN = """\
{
  "packVersion": "1.0",
  "metadata": {"slug": "x", "name": "X", "description": "", "version": "1.0.0", "category": "x"},
  "nodes": [
    {
      "id": "Ask",
      "inputs": [{"name": "q", "type": "text"}],
      "request": {"url": "https://a.test/{p}"}
    }
  ]
}
"""


@pytest.fixture
def broken(tmp_path: Path) -> str:
    file = tmp_path / "x.dragops-pack.json"
    file.write_text(BROKEN)
    return str(file)


def test_the_nodes_of_packs_are_listed(alone: Command) -> None:
    """With their pins, required ones marked."""
    head, *rows = alone.good("packs", "show", str(CHAT), str(ISSUES)).rows

    assert head == ["NODE", "LABEL", "INPUTS", "OUTPUTS", "DESCRIPTION"]
    assert [row[0] for row in rows] == [
        *("ChatPostMessage", "GithubFindIssue", "GithubOpenIssue", "GithubCommentIssue")
    ]
    assert rows[0][2].startswith("channel!: string, text!: string, thread: string")


def test_what_is_shown_as_yaml_is_what_a_resource_takes(alone: Command) -> None:
    """The deployment beside the example has the same nodes, shorter."""
    shown = yaml.safe_load(alone.good("packs", "show", str(CHAT), "-o", "yaml").out)
    kept = yaml.safe_load(DEPLOYMENT.read_text())["spec"]["nodeDefinitions"]

    request = shown["ChatPostMessage"]["request"]
    assert request["headers"] == kept["ChatPostMessage"]["request"]["headers"]
    assert request["headers"]["Authorization"] == "Bearer {secrets.CHAT_TOKEN}"


def test_a_pack_is_checked_with_the_places_of_its_faults(alone: Command, broken: str) -> None:
    told = alone("check", broken)

    assert told.code == 1
    assert told.out.splitlines()[0] == f"{broken}: Pack X: not valid, 2 faults"
    assert f"{broken}:7:18: VALIDATION: Ask: inputs.q: there is no type 'text'" in told.out
    assert f"{broken}:8:19: VALIDATION: Ask: request.url: {{p}} is no input" in told.out


def test_a_broken_pack_stops_every_command_that_takes_it(alone: Command, broken: str) -> None:
    """With all of its faults."""
    for words in (
        ("packs", "show", broken),
        ("check", str(PATTERN), "--pack", broken),
        ("compile", str(PATTERN), "--pack", broken),
    ):
        told = alone(*words)

        assert told.code == 2, told
        assert f"{broken}:7:18: Ask: inputs.q" in told.err
        assert len([line for line in told.err.splitlines() if f"{broken}:" in line]) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"packVersion": "1.0"', ":1:22: is not JSON"),
        ('{"packVersion": "1.0", "packVersion": "1.0"}', ":1:24: an object has the same key twice"),
        ('{"packVersion": "1.0"}', ":1:1: nodes: is missing"),
        ("[]", ":1:1: is no"),
        ("nothing: of this", ":1:1: is no pack: a pack begins with its packVersion"),
    ],
)
def test_what_is_no_pack_is_told(alone: Command, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "p.dragops-pack.json"
    file.write_text(text)

    ran = alone("packs", "show", str(file))

    assert (ran.code, f"{file}{told}" in ran.err) == (2, True), ran.err


def test_a_pattern_is_checked_with_the_nodes_of_a_pack_or_of_its_deployment(alone: Command) -> None:
    """Whichever is at hand; alone its node is unknown."""
    unknown = alone("check", str(PATTERN))

    alone.good("check", str(PATTERN), "--pack", str(CHAT))
    alone.good("check", str(PATTERN), str(DEPLOYMENT))
    assert "UNKNOWN_NODE: ChatPostMessage (post)" in unknown.out


def test_two_packs_do_not_define_one_node(alone: Command) -> None:
    told = alone("check", str(PATTERN), "--pack", str(CHAT), "--pack", str(CHAT))

    assert told.code == 2
    assert "an earlier pack has a node ChatPostMessage too" in told.err


def test_a_program_is_compiled_with_a_pack(alone: Command) -> None:
    """It is the one beside the example."""
    shown = alone.good("compile", str(PATTERN), "--pack", str(CHAT)).out

    assert shown == (EXAMPLES / "chat" / "program.py").read_text()


def test_a_pattern_is_deployed_with_a_pack(dragops: Command) -> None:
    """And validated, and previewed; without the pack the API knows no such node."""
    pack = ("--pack", str(CHAT))

    foreseen = dragops.good("deploy", "-f", str(PATTERN), *pack, "--dry-run")
    made = dragops.good("deploy", "-f", str(PATTERN), *pack, "-o", "json").json
    preview = dragops.good("deploy", "Tell the Team", *pack, "--dry-run")
    dragops.good("patterns", "validate", "Tell the Team", *pack)

    assert "a new pattern would be stored and deployed: valid" in foreseen.out
    assert made["status"] == "active"
    assert "would get version 2" in preview.out
    assert dragops("patterns", "validate", "Tell the Team").code == 1
    assert "UNKNOWN_NODE" in dragops("deploy", "Tell the Team").err
