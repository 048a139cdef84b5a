"""Versions, previews, verdicts, documents: patterns from the command line, looked at closely."""

from pathlib import Path

import orjson
import pytest
import yaml

from support.command import Command
from support.product import graph
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


def test_a_stored_pattern_is_judged_by_the_api_in_the_same_words(
    dragops: Command, tmp_path: Path
) -> None:
    """One compiler, two ways to it; the API knows no lines."""
    id_ = dragops.good("patterns", "create", "-f", _broken(tmp_path), "-o", "name").out.strip()

    there = dragops("patterns", "validate", id_, "-o", "json")
    here = dragops("check", _broken(tmp_path), "-o", "json")
    table = dragops("patterns", "validate", id_)

    assert (there.code, here.code) == (1, 1)
    assert there.json["valid"] is False
    placed = [
        {k: v for k, v in fault.items() if k not in {"line", "column"}}
        for fault in here.json[0]["faults"]
    ]
    assert sorted(there.json["faults"], key=str) == sorted(placed, key=str)
    assert any(row[:2] == ["fault", "a"] for row in table.rows)


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
