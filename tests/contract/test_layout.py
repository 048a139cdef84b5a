"""The house rules about files and folders, kept by tests because no linter knows them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = ["src", "operator", "api", "localcluster"]
REFUSED_NAMES = re.compile(
    r"^(utils?|helpers?|common|misc|types|constants|base|manager|factory)\.py$"
)
LINES_MAX = 400


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


@pytest.mark.parametrize("folder", SOURCE_ROOTS)
def test_a_source_root_is_no_package(folder: str) -> None:
    """operator/__init__.py would shadow the standard library's: python cannot start."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_no_folder_of_tests_is_called_operator_or_is_a_package() -> None:
    """Both make pytest import the wrong module, or none at all."""
    assert not [path for path in _tracked("tests") if "operator" in path.parts[:-1]]
    assert not [path for path in _tracked("tests") if path.name == "__init__.py"]


def test_no_source_file_is_longer_than_one_reading() -> None:
    """400 lines is the end; the usual file is near 120."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in _tracked("*.py", "*.go")
    }

    assert {name: size for name, size in sizes.items() if size > LINES_MAX} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    """A thing lives beside its user, under the name of what it is."""
    assert not [path for path in _tracked("*.py") if REFUSED_NAMES.match(path.name)]


def test_every_python_file_is_named_in_lower_case() -> None:
    """Modules are imported: their names are identifiers."""
    name = re.compile(r"^[a-z_][a-z0-9_]*\.py$")

    assert [path.name for path in _tracked("*.py") if not name.match(path.name)] == []


def test_locks_carry_hashes_and_name_no_host() -> None:
    """A lock with an index's address would tie the repository to one network."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()

        assert "--hash=sha256:" in text, lock.name
        assert "://" not in text, lock.name


def test_every_dependency_has_its_reason() -> None:
    """One line of reason each, or it should not be there."""
    text = (ROOT / "pyproject.toml").read_text()
    listed = text[text.index("dependencies = [") : text.index("[tool.hatch")]
    lines = [line.strip() for line in listed.splitlines() if line.strip().startswith('"')]

    assert [line for line in lines if "#" not in line and "dragops[" not in line] == []


def test_the_makefile_has_the_words_that_people_know() -> None:
    """The same few commands for people and CI."""
    text = (ROOT / "Makefile").read_text()

    for word in ["up", "down", "test", "check", "fmt", "bench", "help"]:
        assert re.search(rf"^{word}:", text, re.MULTILINE), word
