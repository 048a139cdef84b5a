"""The examples: what their READMEs say is what a reader sees, without a cluster."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
import structlog

from dragops.cli.files import read_documents
from dragops.model.ids import id_of
from support.command import Command

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/[0-9]*/README.md"))
PARTS = ("pattern.yaml", "deployment.yaml", "program.py", "graph.svg", "README.md")
PORT = "127.0.0.1:8099"
_RUN = re.compile(r"```\n(dragops run [^`]*)```\n\n```text\n(.*?)\n```\n", re.DOTALL)
_VARYING = (
    (re.compile(r"\d\d:\d\d:\d\d\.\d{3}"), "12:00:00.000"),
    (re.compile(r"run_[0-9a-f]{32}"), "run_01"),
    (re.compile(r"(in|after) [\d.]+ ms"), r"\1 1.0 ms"),
    (re.compile(r"(?m)^(\w+ +\w+ .* +\d+ +)[\d.]+$"), r"\g<1>0.1"),
)


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers stand in the checkout; the command sets up the process' log, which others share."""
    monkeypatch.chdir(ROOT)
    yield
    structlog.reset_defaults()


def test_there_are_at_least_a_dozen_examples_with_all_their_parts() -> None:
    """What is made of a pattern is kept fresh by tools/examples.py."""
    assert len(EXAMPLES) >= 12
    assert [p for example in EXAMPLES for p in PARTS if not (example / p).exists()] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_a_run_of_an_example_says_what_its_readme_shows(
    alone: Command, example: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Word for word, but for times and ids; ``--update-data`` writes what is seen."""
    readme = example / "README.md"
    text = readme.read_text()
    assert _RUN.search(text)

    with _peer(example / "local/peer.json", text) as port:
        seen = [
            (command, shown, _seen(alone, command, port, tmp_path))
            for command, shown in _RUN.findall(text)
        ]

    if request.config.getoption("--update-data"):
        for command, shown, now in seen:
            before, after = (f"{command}```\n\n```text\n{said}\n" for said in (shown, now))
            text = text.replace(before, after)
        readme.write_text(text)
        return
    for _, shown, now in seen:
        assert _steady(now) == _steady(shown)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_applied_as_a_folder(alone: Command, example: Path) -> None:
    """All manifests in it are what the cluster takes; what is for here stands in ``local/``."""
    files = [path for path in example.iterdir() if path.suffix in {".yaml", ".yml", ".json"}]

    assert all("kind" in each.data for path in files for each in read_documents(str(path)))
    alone.good("check", *map(str, files))
    assert (
        f"kubectl apply --server-side -f examples/{example.name}/"
        in (example / "README.md").read_text()
    )


def test_the_list_of_examples_names_each() -> None:
    """In order, by its title."""
    listed = re.findall(r"\[(.+?)\]\((\d\d-[^/]+)/\)", (ROOT / "examples/README.md").read_text())

    titles = [(path / "README.md").read_text().partition("\n")[0] for path in EXAMPLES]
    assert listed == [
        (title.removeprefix("# "), path.name) for title, path in zip(titles, EXAMPLES, strict=True)
    ]


def test_a_pack_is_tried_without_an_account_as_the_readme_says() -> None:
    """By a shell, with the service's address in the pack turned to this machine."""
    text = (ROOT / "examples/packs/README.md").read_text()
    [(command, shown)] = re.findall(r"```\n(sed [^`]*)```\n\n```text\n(.*?)\n```", text, re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    with _peer(ROOT / "examples/packs/weather/local/peer.json", text) as port:
        ran = subprocess.run(
            ["bash", "-c", command.replace(PORT, port)],
            env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")
    assert _steady(ran.stdout.rstrip()) == _steady(shown)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_is_sent_to_a_deployment_is_like_the_event_of_the_example(example: Path) -> None:
    """A README's `dragops webhook send` names the deployment, and has a body of the same parts."""
    text = (example / "README.md").read_text().replace("\\\n", "")
    lines = [line.strip() for line in text.splitlines() if "dragops webhook send " in line]
    deployments = [each.data for each in read_documents(str(example / "deployment.yaml"))]
    event = re.search(r"--event (examples/\S+)", text)

    for _, _, _, deployment, *words in map(shlex.split, lines):
        assert deployment in [id_of(each["metadata"]["name"]) for each in deployments]
        given = words[words.index("--data") + 1]
        if given != "-":
            assert event is not None
            expected = orjson.loads((ROOT / event[1]).read_bytes())["body"]
            assert orjson.loads(given).keys() == expected.keys()


def test_the_first_steps_are_typed_as_the_readme_has_them(
    alone: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command of "Try it without a cluster" ends well, in a copy of its folder."""
    section = (ROOT / "README.md").read_text().partition("## Try it without a cluster")[2]
    lines = section.partition("```\n")[2].partition("```")[0].splitlines()
    folder = next(line.removeprefix("cd ") for line in lines if line.startswith("cd "))
    shutil.copytree(ROOT / folder, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("dragops ")]

    for _, *words in commands:
        typed = [found for word in words for found in sorted(map(str, Path().glob(word))) or [word]]
        alone.good(*typed)

    assert len(commands) == 5
    assert {words[1] for words in commands} == {"check", "run", "compile", "graph", "nodes"}


def _seen(alone: Command, command: str, port: str, tmp_path: Path) -> str:
    words = [_moved(word, port, tmp_path) for word in shlex.split(command.replace("\\\n", ""))[1:]]
    ran = alone(*words)
    assert ran.code == (1 if "failed after" in ran.out else 0), ran.err
    return ran.out.rstrip("\n")


def _moved(word: str, port: str, tmp_path: Path) -> str:
    """Give an Environment whose peer listens on a port that is free on this machine."""
    if not word.endswith("local/environment.yaml"):
        return word
    moved = tmp_path / "environment.yaml"
    moved.write_text((ROOT / word).read_text().replace(PORT, port))
    return str(moved)


@contextmanager
def _peer(script: Path, readme: str) -> Iterator[str]:
    if not script.exists():
        yield PORT
        return
    assert f"python3 examples/peer.py {script.relative_to(ROOT)}" in readme
    words = [sys.executable, "examples/peer.py", str(script), "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as peer:
        try:
            assert peer.stdout is not None
            yield peer.stdout.readline().partition("//")[2].split()[0]
        finally:
            peer.terminate()


def _steady(text: str) -> str:
    for varying, steady in _VARYING:
        text = varying.sub(steady, text)
    return text
