"""``dragops check`` and ``compile``: files judged where no API is, each fault with its place."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import yaml

from dragops.cli.files import FILE_BYTES_MAX
from support.command import Command
from support.product import LOGGER, graph

ROOT = Path(__file__).parents[3]
LOGGED = ROOT / "examples/01-webhook-logger/pattern.yaml"
BROKEN = """\
apiVersion: dragops.dev/v1
kind: Pattern
metadata: {name: orders}
spec:
  variables:
    - {name: count, type: Integer, default: many}
    - {name: seen, type: Integer}
    - {name: seen, type: Integer}
  nodes:
    - {id: hook, type: OnWebhook, values: {responseMode: Sometimes}}
    - id: log
      type: Lgo
    - id: say
      type: Log
      values:
        message: hello
        level: loud
    - id: ask
      type: Add
    - {id: ask, type: Add}
  wires:
    - {from: hook.exec, to: say.exec}
    - from: hook.body
      to: say.mesage
    - {from: nobody.exec, to: say.exec}
"""
PLACES = [
    ("BAD_VALUE", 6, 7),
    ("DUPLICATE_ID", 8, 7),
    ("BAD_VALUE", 10, 44),
    ("UNKNOWN_NODE", 12, 7),
    ("BAD_VALUE", 17, 9),
    ("REQUIRED_PIN", 18, 7),
    ("REQUIRED_PIN", 18, 7),
    ("DUPLICATE_ID", 20, 8),
    ("UNKNOWN_PIN", 24, 7),
    ("UNKNOWN_WIRE_END", 25, 7),
]


def test_each_fault_is_told_with_its_line_and_column(alone: Command) -> None:
    """Of the value, the wire's end, the second of two, the node; in the file's order."""
    ran = alone("check", "-", stdin=BROKEN)

    assert ran.code == 1
    first, *lines = ran.out.splitlines()
    assert first == f"stdin: Pattern orders: not valid, {len(PLACES)} faults"
    told = [tuple(line.split(": ")[:2]) for line in lines]
    assert told == [(f"stdin:{line}:{column}", code) for code, line, column in PLACES]
    assert "did you mean Log?" in ran.out


def test_faults_of_json_have_places_too(alone: Command, tmp_path: Path) -> None:
    """Also in what the API speaks, where the parts have other names, and beside tabs."""
    spec = graph({"a": ("Lgo", {}), "b": ("Log", {"level": "loud"})}, "a.exec -> b.exec")
    spec["edges"][0] |= {"source": "b", "sourceHandle": "nothing"}
    text = orjson.dumps({"name": 'A "\\ud83d', "graphData": spec}, option=orjson.OPT_INDENT_2)
    file = tmp_path / "pattern.json"
    file.write_bytes(text.replace(b"  ", b"\t"))
    lines = text.decode().splitlines()

    verdict = alone("check", str(file), "-o", "json").json[0]

    parts = {"UNKNOWN_NODE": '"Lgo"', "BAD_VALUE": '"loud"', "UNKNOWN_PIN": '"sourceHandle"'}
    found = {fault["code"]: fault["line"] for fault in verdict["faults"]}
    for code, part in parts.items():
        assert part in lines[found[code] - 1]


def test_a_pattern_without_fault_is_told_with_its_triggers(alone: Command) -> None:
    """Nothing is sent anywhere; warnings do not make it invalid."""
    ran = alone.good("check", str(LOGGED))
    idle = alone.good(
        "check",
        "-",
        stdin="name: A\ngraphData: {nodes: [{id: s, type: OnStart}, {id: l, type: Log}]}",
    )

    assert ran.out == f"{LOGGED}: Pattern webhook-logger: valid; triggers: OnWebhook (hook)\n"
    assert idle.out.splitlines()[1].startswith("stdin:2:45: warning UNREACHED: Log (l) never runs")


def test_all_documents_of_all_files_are_judged(alone: Command, tmp_path: Path) -> None:
    """One list, the same shape for one and for many; what is not DragOps' is passed over."""
    several = tmp_path / "several.yaml"
    exported = {"format": "x", "formatVersion": 1, "name": "B", "graphData": LOGGER}
    others = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}},
        {
            "apiVersion": "dragops.dev/v1",
            "kind": "PatternDeployment",
            "metadata": {"name": "d"},
            "spec": {"patternRef": {"nam": "b"}},
        },
    ]
    item = yaml.safe_load(LOGGED.read_text()) | {"metadata": {"name": "c"}}
    listed = {"apiVersion": "v1", "kind": "List", "items": [item]}
    several.write_text(yaml.safe_dump_all([exported, None, *others, listed]))

    ran = alone("check", str(LOGGED), str(several), "-o", "json")

    found = [(v["kind"], v["name"], v["valid"]) for v in ran.json]
    assert found == [
        ("Pattern", "webhook-logger", True),
        ("Pattern", "B", True),
        ("PatternDeployment", "d", False),
        ("Pattern", "c", True),
    ]
    told = [fault["message"] for fault in ran.json[2]["faults"]]
    assert sorted(told) == [
        "spec.patternRef.nam: there is no such field",
        "spec.patternRef.name: is missing",
    ]
    assert ran.code == 1
    assert "document 3: passed over, as it is a Secret of v1" in ran.err
    assert list(ran.json[0]) == ["file", "kind", "name", "valid", "faults", "warnings", "triggers"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("title: yes", ":4:8: VALIDATION: spec.title: is no text: put it in quotes"),
        ("nodes: 5", ":4:8: VALIDATION: spec.nodes: is no list"),
        ("wires: [a.exec -> b.exec]", ":4:16: VALIDATION: spec.wires[0]: is no object"),
        ("nodes: [{id: a b, type: Log}]", ":4:17: VALIDATION: spec.nodes[0].id: must match ^["),
        ("variables: [{name: a, type: Int}]", "spec.variables[0].type: use one of 'Exec', "),
        ("nodes: [{id: a, type: A, position: {x: '5'}}]", "spec.nodes[0].position.x: is no number"),
        ("nodes: [{id: a, type: A}, {id: ''}]", "spec.nodes[1].id: must match"),
        (f"tags: [{'a, ' * 101}]", "spec.tags: has 101 items, "),
    ],
)
def test_a_part_of_another_shape_is_told_in_words_of_the_file(
    alone: Command, spec: str, told: str
) -> None:
    """Its author knows lists, objects and texts, not the types of the program that reads them."""
    text = f"apiVersion: dragops.dev/v1\nkind: Pattern\nmetadata: {{name: a}}\nspec: {{{spec}}}"

    ran = alone("check", "-", stdin=text)

    assert ran.code == 1
    assert told in ran.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb:\n\t- c", "f:3:1: VALIDATION: is not YAML: a tab indents this line"),
        ("name: A\ngraphData:\n  nodes: []\n  nodes: []", "f:4:3: VALIDATION: is not YAML: an obj"),
        ('{"name": "A",\n "name": "B"}', "f:2:2: VALIDATION: an object has the same key twice"),
        ('{"name": "A"\n "b": 1}', "f:2:2: VALIDATION: is not JSON"),
        ("- 1", "f:1:1: VALIDATION: is no pattern"),
        ("apiVersion: dragops.dev/v1", "f:1:1: VALIDATION: kind is missing: use Pattern, "),
        ("name: on", "f:1:1: VALIDATION: name: is no text: put it in quotes"),
        ("kind: List\nitems: 5", "f:2:1: VALIDATION: items: is no list"),
        ("apiVersion: dragops.dev/v1\nkind: [a]", "f:2:1: VALIDATION: there is no kind ['a']"),
        (
            "apiVersion: dragops.dev/v1\nkind: Pattern\nmetadata: {name: on}",
            "f:3:12: VALIDATION: metadata.name: is no text: put it in quotes",
        ),
        ("name: A\nnmae: B", "f:2:1: VALIDATION: has a field that no pattern has: nmae"),
        ("name: A\ngraphData: {edges: [{source: a}]}", "f:2:21: VALIDATION: graphData.edges[0]."),
        ("apiVersion: dragops.dev/v2\nkind: Pattern", "f:1:1: VALIDATION: apiVersion is dragops"),
        ("apiVersion: dragops.dev/v1\nkind: Patern", "f:2:1: VALIDATION: there is no kind Patern"),
        ("apiVersion: dragops.dev/v1\nkind: Pattern", "f:1:1: VALIDATION: metadata.name: is m"),
        ("kind: Pattern\nmetadata: {name: a}", "f:1:1: VALIDATION: apiVersion is miss"),
        ("a: 1\nb: .nan", "f:2:4: VALIDATION: holds what JSON has no word for: a number that is"),
        ("a: [0, 18446744073709551616]", "f:1:8: VALIDATION: holds what JSON has no word for: an "),
        ("a: \0", "f:1:1: VALIDATION: is not YAML: "),
        ("a: &a [*a]", "f:1:4: VALIDATION: an alias (*name) is inside of what it stands for"),
        ("a: " + "[" * 300, "f:1:203: VALIDATION: is nested deeper than 200 levels"),
    ],
)
def test_what_is_no_pattern_is_a_fault_with_a_place(
    alone: Command, tmp_path: Path, text: str, told: str
) -> None:
    """The other files are judged all the same."""
    file = tmp_path / "f"
    file.write_text(text)

    ran = alone("check", str(file), str(LOGGED))

    assert ran.code == 1
    assert f"{tmp_path}/{told}" in ran.out
    assert "webhook-logger: valid" in ran.out


def test_all_that_does_not_fit_is_told_at_once(alone: Command) -> None:
    """Also by the commands that stop there."""
    text = BROKEN.replace("type: Lgo", "typo: Lgo").replace("to: say.exec", "too: say.exec")

    ran = alone("check", "-", "-o", "json", stdin=text)
    stopped = alone("compile", "-", stdin=text)

    messages = [fault["message"] for fault in ran.json[0]["faults"]]
    assert "spec.nodes[1].typo: there is no such field" in messages
    assert "spec.wires[0].to: is missing" in messages
    assert len(messages) == 6
    assert stopped.code == 2
    assert stopped.err.count("\n") == 6
    assert "stdin:22:25: spec.wires[0].too: there is no such field" in stopped.err


def test_a_file_that_cannot_be_read_is_a_fault_of_the_command_line(
    alone: Command, tmp_path: Path
) -> None:
    """A pipeline that names a wrong file must not pass."""
    empty = tmp_path / "empty.yaml"
    empty.write_text("---\n")

    assert alone("check", str(tmp_path / "nothing.yaml")).code == 2
    assert alone("check", str(empty)).code == 2
    assert alone("check").code == 2
    assert alone("check", "").err == "Error: FILE: is an empty name: name a file, or - for stdin\n"


def test_what_can_be_read_is_judged_beside_what_cannot(alone: Command, tmp_path: Path) -> None:
    """Each file that cannot be read is told, and what to do; the pipeline fails all the same."""
    utf16, large = tmp_path / "utf16.yaml", tmp_path / "large.yaml"
    utf16.write_text(LOGGED.read_text(), "utf-16")
    with large.open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)

    ran = alone("check", "nothing.yaml", str(tmp_path), str(utf16), str(large), str(LOGGED))

    assert ran.code == 2
    assert "webhook-logger: valid" in ran.out
    told = ran.err.splitlines()
    assert told == [
        "Error: nothing.yaml: cannot be read: No such file or directory",
        f"Error: {tmp_path}: is a folder: name its files, such as {tmp_path}/*.yaml",
        f"Error: {utf16}: is no text in UTF-8: save it as that",
        f"Error: {large}: is larger than 16 MiB",
    ]


def test_files_of_other_systems_are_read(alone: Command, tmp_path: Path) -> None:
    """Windows ends lines with two characters, and some editors begin a file with a mark."""
    spec = graph({"s": ("OnStart", {})})
    written = orjson.dumps({"name": "A", "graphData": spec}).decode()
    texts = [LOGGED.read_text(), written.replace(",", ",\t\n")]

    for number, text in enumerate(texts):
        file = tmp_path / str(number)
        file.write_bytes(f"\ufeff{text}".replace("\n", "\r\n").encode())
        alone.good("check", str(file))


def test_a_file_of_others_alone_is_passed_over(alone: Command, tmp_path: Path) -> None:
    """A Secret stands in a folder of its own file; only when nothing is judged is it a mistake."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("{apiVersion: v1, kind: Secret, metadata: {name: s}}")

    ran = alone.good("check", str(secret), str(LOGGED))

    assert f"{secret}: passed over, as it is a Secret of v1" in ran.err
    kustomization = tmp_path / "kustomization.yaml"
    kustomization.write_text("resources: [secret.yaml]")
    ran = alone.good("check", str(kustomization), str(LOGGED))
    assert ran.err == f"{kustomization}: passed over, as it is a file of kustomize\n"
    assert alone("check", str(secret)).code == 2


def test_aliases_are_followed_but_not_without_end(alone: Command) -> None:
    """As kubectl follows them; a bomb is refused before it goes off."""
    kind = "name: A\ngraphData: {nodes: [{id: s, type: OnStart}, &log {id: l, type: Log}]}\n"
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )

    assert alone("check", "-", stdin=kind).code == 0
    assert "aliases (*name) make more than" in alone("check", "-", stdin=bomb).out


def test_the_program_of_a_file_is_shown_or_every_fault_of_it(
    alone: Command, tmp_path: Path
) -> None:
    """What the examples hold as program.py is what the command shows."""
    to = tmp_path / "program.py"

    shown = alone.good("compile", str(LOGGED))
    alone.good("compile", str(LOGGED), "-o", str(to))
    broken = alone("compile", "-", stdin=BROKEN)
    unwritable = alone("compile", str(LOGGED), "-o", "/proc/nowhere")

    assert shown.out == to.read_text() == LOGGED.with_name("program.py").read_text()
    assert (broken.code, unwritable.code) == (1, 2)
    assert f"does not compile: {len(PLACES)} faults" in broken.err
    assert "stdin:12:7: UNKNOWN_NODE: " in broken.err


def test_the_line_map_names_the_node_of_each_line_and_its_place(alone: Command) -> None:
    """The way from a traceback to the file."""
    lines = alone.good("compile", str(LOGGED), "--line-map").out.splitlines()

    program = LOGGED.with_name("program.py").read_text().splitlines()
    assert len(lines) == len(program)
    assert all(line.endswith(text) for line, text in zip(lines, program, strict=True))
    found = [line.split() for line in lines if 'ctx.step("log")' in line]
    place = next(n for n, t in enumerate(LOGGED.read_text().splitlines(), 1) if "id: log" in t)
    assert found == [["9", "log", f"{place}:7", 'ctx.step("log")']]


def test_a_package_that_a_node_needs_is_named_with_what_brings_it() -> None:
    """The command's own extra is light; the engine's packages are another."""
    code = (
        "import sys\nsys.modules['re2'] = None\nsys.argv[1:] = ['check', '-']\n"
        "from dragops.cli.__main__ import main\nmain()"
    )
    text = "name: A\ngraphData: {nodes: [{id: s, type: OnStart}, {id: f, type: Filter,"
    text += " data: {values: {array: [], operator: matches, value: 'a+'}}}]}"

    ran = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=False
    )

    assert ran.stderr == "the command needs re2: pip install 'dragops[cli,engine]'\n"
    assert ran.returncode == 1
