"""The three images have one layout, so that one script can make them without Docker too."""

import re
from pathlib import Path

import pytest

from dragops_localcluster.app_image import PARTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[part.dockerfile for part in PARTS])
def dockerfile(request: pytest.FixtureRequest) -> str:
    return (ROOT / request.param).read_text()


def test_an_image_needs_no_shell(dockerfile: str) -> None:
    """The local base has none, so RUN and ENTRYPOINT are lists."""
    steps = re.findall(r"^(?:RUN|ENTRYPOINT|CMD) (.*)", dockerfile, re.MULTILINE)

    assert steps
    assert [step for step in steps if not step.startswith("[")] == []


def test_an_image_installs_what_the_lock_says(dockerfile: str) -> None:
    """Hashes are required, and pip resolves nothing itself."""
    lock = re.search(r"^COPY (requirements/\w+\.txt) ", dockerfile, re.MULTILINE)

    assert lock is not None
    assert (ROOT / lock[1]).exists()
    assert '"--require-hashes", "--no-deps", "--only-binary", ":all:"' in dockerfile


def test_an_image_copies_folders_that_are_there(dockerfile: str) -> None:
    """A renamed package must not be found out by the first build."""
    copied = re.findall(r"^COPY (?!--from)(\S+) /app/src/", dockerfile, re.MULTILINE)

    assert copied
    assert [folder for folder in copied if not (ROOT / folder).is_dir()] == []


def test_an_image_runs_as_nobody_in_particular(dockerfile: str) -> None:
    """The number is the one that the chart's security contexts ask for."""
    assert "USER 10001:10001" in dockerfile
    assert "PYTHONSAFEPATH=1" in dockerfile
    assert "ARG BASE=python:3.11-slim" in dockerfile
