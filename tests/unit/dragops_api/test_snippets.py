"""Programs that call a webhook: every value is a literal of its language.

curl, Python and JavaScript are run in tests/integration/test_snippets_run.py. PowerShell is not run
anywhere, for want of an interpreter: its text is a golden file that people read.
"""

import ast
import json
from pathlib import Path
from typing import cast

import pytest

from dragops_api.snippets.samples import SampleCall, sample_programs

GOLDEN = Path(__file__).parents[2] / "data/snippets"
URL = "https://hooks.example/webhooks/whk_abc123"
HOSTILE = [
    'it\'s "quoted" `id` $(id) ${HOME} $HOME \\ \\n {{url}} {{secret}} %s }} */ //',
    "\u2018single\u2019 \u201adouble\u201b \u2028 \u2029 \u00e9 \U0001f600",
    "line\nline\r\n\ttab",
    "'; rm -rf / #",
    "@/etc/passwd",
    "-n",
    "",
]


def call(scheme: str = "dragops", secret: str | None = "a1b2", **changed: str) -> SampleCall:
    given = {"url": URL, "method": "POST", "body": '{"message": "Hello, it\'s main"}'} | changed
    return SampleCall(scheme=scheme, secret=secret, **given)


@pytest.mark.parametrize("scheme", ["dragops", "github"])
@pytest.mark.parametrize("secret", ["a1b2", None], ids=["shown", "hidden"])
def test_powershell_is_the_golden_text(
    scheme: str, secret: str | None, pytestconfig: pytest.Config
) -> None:
    """Read by people; not run."""
    path = GOLDEN / f"{scheme}-{'shown' if secret else 'hidden'}.ps1"
    text = sample_programs(call(scheme, secret))["pwsh"]
    if pytestconfig.getoption("--update-data"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert text == path.read_text()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("scheme", ["dragops", "github"])
def test_python_reads_back_what_was_given(scheme: str, text: str) -> None:
    """As literals, whatever they hold: the text is only ever data."""
    program = sample_programs(call(scheme, text, url=text, body=text, method=text))["python"]

    literals = [
        node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)
    ]
    assert literals.count(text) >= 4
    assert program.isascii()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("scheme", ["dragops", "github"])
def test_javascript_holds_json_literals(scheme: str, text: str) -> None:
    """JSON in ASCII is a literal of JavaScript, line separators included."""
    program = sample_programs(call(scheme, text, url=text, body=text, method=text))["javascript"]

    lines = dict(line.split(" = ", 1) for line in program.splitlines() if " = " in line)
    assert json.loads(lines["const url"].removesuffix(";")) == text
    assert json.loads(lines["const body"].removesuffix(";")) == text
    assert json.loads(lines["const secret"].partition(" || ")[2].removesuffix(";")) == text
    assert program.isascii()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("scheme", ["dragops", "github"])
def test_powershell_doubles_each_character_that_it_takes_for_a_quote(
    scheme: str, text: str
) -> None:
    """Curly ones too; nothing else means anything between single quotes."""
    program = sample_programs(call(scheme, text, url=text, body=text))["pwsh"]

    url, rest = _powershell_literal(program.partition("$url = ")[2])
    assert url == text
    assert rest.startswith("\n$secret = if ($env:DRAGOPS_WEBHOOK_SECRET)")
    secret, rest = _powershell_literal(rest.partition(" else { ")[2])
    assert secret == text
    assert rest.startswith(" }\n$body = ")
    body, rest = _powershell_literal(rest.partition("$body = ")[2])
    assert body == text
    assert rest.startswith("\n\n$")


def _powershell_literal(text: str) -> tuple[str, str]:
    """Read a single-quoted literal by PowerShell's rule; give it, and what follows."""
    quotes, value, at = "'\u2018\u2019\u201a\u201b", "", 1
    assert text[0] == "'"
    while not (text[at] in quotes and text[at + 1] not in quotes):
        value, at = value + text[at], at + (2 if text[at] in quotes else 1)
    return value, text[at + 1 :]


def test_a_secret_that_may_not_be_seen_is_in_no_program() -> None:
    """Each of them says which variable to set."""
    for program in sample_programs(call(secret=None)).values():
        assert "Set DRAGOPS_WEBHOOK_SECRET" in program
        assert "a1b2" not in program


def test_a_call_does_not_show_its_secret() -> None:
    """In a log line, or in a failed test."""
    assert "a1b2" not in repr(cast("object", call()))
