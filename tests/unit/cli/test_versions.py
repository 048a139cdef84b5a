"""Versions, previews, verdicts, documents: patterns from the command line, looked at closely."""

from pathlib import Path

import orjson
import pytest
import yaml

from support.command import Command
from support.product import LOGGER, graph
from support.served_api import ServedApi

ROOT = Path(__file__).parents[3]
MANIFEST = ROOT / "examples/01-webhook-logger/pattern.yaml"
BROKEN = graph({"a": ("Lgo", {}), "b": ("Log", {})}, "a.exec -> b.exec")


@pytest.fixture
def pattern(dragops: Command) -> str:
    """A pattern that is stored."""
    return dragops.good("patterns", "create", "-f", str(MANIFEST), "-o", "name").out.strip()


def _broken(tmp_path: Path) -> str:
    file = tmp_path / "broken.json"
    file.write_bytes(orjson.dumps({"name": "B", "graphData": BROKEN}))
    return str(file)


def test_a_file_is_judged_without_an_api(alone: Command, tmp_path: Path) -> None:
    """The compiler is part of the command; pipelines check before anything is reached."""
    valid = alone.good("patterns", "validate", "-f", str(MANIFEST))
    broken = alone("patterns", "validate", "-f", _broken(tmp_path))
    as_json = alone("patterns", "validate", "-f", _broken(tmp_path), "-o", "json")

    assert valid.out == f"{MANIFEST}: valid; triggers: OnWebhook (hook)\n"
    assert broken.code == 1
    assert ": does not compile, " in broken.out
    assert any(row[:2] == ["fault", "a"] for row in broken.rows)
    assert (as_json.code, as_json.json["valid"]) == (1, False)
    assert as_json.json.keys() == {"valid", "faults", "warnings", "triggers"}


def test_a_stored_pattern_is_judged_by_the_api_in_the_same_words(
    dragops: Command, tmp_path: Path
) -> None:
    """One compiler, two ways to it."""
    id_ = dragops.good("patterns", "create", "-f", _broken(tmp_path), "-o", "name").out.strip()

    there = dragops("patterns", "validate", id_, "-o", "json")
    here = dragops("patterns", "validate", "-f", _broken(tmp_path), "-o", "json")

    assert (there.code, here.code) == (1, 1)
    assert there.json == here.json


def test_each_pattern_of_a_file_is_judged_also_after_one_that_fails(
    alone: Command, tmp_path: Path
) -> None:
    """The code tells that one of them is broken; several are a list."""
    file = tmp_path / "two.yaml"
    documents = [{"name": "B", "graphData": BROKEN}, {"name": "A", "graphData": LOGGER}]
    file.write_text(yaml.safe_dump_all(documents))

    ran = alone("patterns", "validate", "-f", str(file))

    assert ran.code == 1
    assert "document 2: valid" in ran.out
    assert "document 1: does not compile" in ran.out
    both = alone("patterns", "validate", "-f", str(file), "-o", "json").json
    assert [verdict["valid"] for verdict in both] == [False, True]


def test_the_program_of_a_file_is_shown_or_every_fault_of_it(
    alone: Command, tmp_path: Path
) -> None:
    """What the examples hold as program.py is what the command shows."""
    shown = alone.good("patterns", "compile", "-f", str(MANIFEST))
    broken = alone("patterns", "compile", "-f", _broken(tmp_path))

    assert shown.out == MANIFEST.with_name("program.py").read_text()
    assert broken.code == 1
    assert broken.err.startswith("Error: the pattern does not compile: ")
    assert any(line.split()[:2] == ["a", "UNKNOWN_NODE"] for line in broken.err.splitlines())


def test_what_was_stored_before_a_fault_is_told(dragops: Command, tmp_path: Path) -> None:
    """Of several documents the first may be stored already."""
    text = yaml.safe_dump_all([{"name": "A"}, {"name": "B", "graphData": {"nodes": 3}}])

    ran = dragops("patterns", "create", "-f", "-", stdin=text)

    assert ran.code == 1
    assert ran.out.endswith(" created: A.\n")
    assert "(VALIDATION)" in ran.err
    both = dragops.good(
        *("patterns", "create", "-f", "-", "-o", "json"),
        stdin=yaml.safe_dump_all([{"name": "C"}, {"name": "D"}]),
    )
    assert [made["name"] for made in both.json] == ["C", "D"]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    api: ServedApi, dragops: Command, pattern: str
) -> None:
    """For a stored pattern the API says it, with the difference of the programs."""
    dragops.good("deploy", pattern)
    edited = yaml.safe_load(MANIFEST.read_text())
    edited["spec"]["nodes"][2]["values"]["template"] = "{who} came to {where}"
    dragops.good("patterns", "update", pattern, "-f", "-", stdin=yaml.safe_dump(edited))
    before = len(api.door.cluster.writes)

    ran = dragops.good("deploy", pattern, "--dry-run")

    assert ran.out.splitlines()[0] == f"dep_{pattern.replace('_', '-')} would get version 2."
    assert "+" in {line[:1] for line in ran.out.splitlines()[1:]}
    assert len(api.door.cluster.writes) == before


def test_a_dry_run_of_a_file_stores_nothing(dragops: Command, tmp_path: Path) -> None:
    """It is compiled here."""
    new = dragops.good("deploy", "-f", str(MANIFEST), "--dry-run")
    broken = dragops("deploy", "-f", _broken(tmp_path), "--dry-run")
    stored = dragops.good("patterns", "create", "-f", str(MANIFEST), "-o", "name").out.strip()
    known = dragops.good("deploy", "-f", str(MANIFEST), "--dry-run", "-o", "json").json

    assert "a new pattern would be stored and deployed: valid" in new.out
    assert broken.code == 1
    assert (known["patternId"], known["dryRun"]) == (stored, True)
    assert len(dragops.good("patterns", "list", "-o", "json").json) == 1


def test_an_export_is_imported_as_another_pattern_with_the_same_graph(
    dragops: Command, pattern: str, tmp_path: Path
) -> None:
    """In both formats; nothing is overwritten."""
    graphs = [dragops.good("patterns", "get", pattern, "-o", "json").json["graphData"]]
    for form in ("json", "manifest"):
        file = tmp_path / form
        dragops.good("patterns", "export", pattern, "--format", form, "--to", str(file))

        id_ = dragops.good("patterns", "import", "-f", str(file), "-o", "name").out.strip()
        again = dragops.good("patterns", "create", "-f", str(file), "-o", "name").out.strip()

        assert len({pattern, id_, again}) == 3
        for made in (id_, again):
            graphs.append(dragops.good("patterns", "get", made, "-o", "json").json["graphData"])

    assert all(found == graphs[0] for found in graphs)


def test_an_export_goes_to_stdout_or_to_a_file_that_can_be_written(
    dragops: Command, pattern: str
) -> None:
    """The manifest is what kubectl applies."""
    shown = dragops.good("patterns", "export", pattern, "--format", "manifest").out
    unwritable = dragops("patterns", "export", pattern, "--to", "/proc/nowhere")
    strange = dragops("patterns", "export", pattern, "-o", "yaml")

    assert yaml.safe_load(shown)["kind"] == "Pattern"
    assert (unwritable.code, "/proc/nowhere" in unwritable.err) == (2, True)
    assert (strange.code, "--format" in strange.err) == (2, True)


def test_a_clone_has_another_id_and_the_name_that_is_given(dragops: Command, pattern: str) -> None:
    """Without one it is a copy of the first."""
    named = dragops.good("patterns", "clone", pattern, "--name", "Second").out
    unnamed = dragops.good("patterns", "clone", pattern, "-o", "json").json

    assert named.endswith(" created: Second.\n")
    assert pattern not in named
    assert unnamed["name"] == "Copy of Webhook Logger"
