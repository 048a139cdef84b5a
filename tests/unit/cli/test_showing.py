"""How things look: tables, pages, words for times; pure, with a clock of the test's own."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from rich.console import Console

from dragops.cli import shown
from dragops.cli.commands import nodes, packs
from dragops.cli.options import Format
from dragops.cli.output import Column, Printer
from dragops.cli.times import age, duration_of, length, span, told
from dragops.errors import BadInput

NOW = datetime(2026, 3, 5, 12, 0, 0, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "data" / "cli"
TABLES: dict[str, tuple[Column, ...]] = {
    "patterns": shown.PATTERNS,
    "deployments": shown.DEPLOYMENTS,
    "runs": shown.RUNS,
    "webhooks": shown.WEBHOOKS,
}
PAGES: dict[str, tuple[Column, ...]] = {
    "pattern": shown.PATTERN,
    "deployment": shown.DEPLOYMENT,
    "run": shown.RUN,
}


def _printed(
    capsys: pytest.CaptureFixture[str], format_: Format, items: Any, columns: tuple[Column, ...]
) -> str:
    printer = Printer(format_, Console(width=10_000, color_system=None), NOW)
    if isinstance(items, list):
        printer.rows(items, columns, name="id", none="There are none.")
    else:
        printer.details(items, columns, name="id")
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", [*TABLES, *PAGES])
def test_what_the_api_says_is_shown_as_people_read_it(
    capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest, kind: str
) -> None:
    """Golden: tests/data/cli/<kind>.json is an answer's data, <kind>.txt its table and wide one."""
    data = orjson.loads((DATA / f"{kind}.json").read_bytes())
    columns = TABLES.get(kind) or PAGES[kind]

    text = "\n".join(_printed(capsys, f, data, columns) for f in (Format.TABLE, Format.WIDE))

    golden = DATA / f"{kind}.txt"
    if request.config.getoption("--update-data"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("kind", [*TABLES, *PAGES])
def test_scripts_get_what_the_api_says_unchanged(
    capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """json and yaml are the data, name is the ids."""
    data = orjson.loads((DATA / f"{kind}.json").read_bytes())
    columns = TABLES.get(kind) or PAGES[kind]
    ids = [item["id"] for item in (data if isinstance(data, list) else [data])]

    assert orjson.loads(_printed(capsys, Format.JSON, data, columns)) == data
    assert yaml.safe_load(_printed(capsys, Format.YAML, data, columns)) == data
    assert _printed(capsys, Format.NAME, data, columns).split() == ids


def test_an_empty_list_is_said_beside_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets nothing, a script an empty list."""
    printer = Printer(Format.TABLE, Console(), NOW)
    printer.rows([], shown.RUNS, name="id", none="There are no runs.")
    said = capsys.readouterr()

    assert (said.out, said.err) == ("", "There are no runs.\n")
    assert _printed(capsys, Format.JSON, [], shown.RUNS) == "[]\n"


def test_a_terminal_gets_colours_and_folded_cells() -> None:
    """Its width is kept; where there is no terminal no line is cut."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=70, color_system="standard")
    item = {"id": "run_1", "status": "failed", "error": {"type": "E", "message": "x" * 60}}

    Printer(Format.TABLE, console, NOW).rows([item], shown.RUNS, name="id", none="")

    assert "\x1b[31mfailed" in drawn.getvalue()
    assert "run_1" in drawn.getvalue()
    assert drawn.getvalue().count("\n") > 2


def test_a_name_has_no_colour_whatever_it_is() -> None:
    """A pin may be called timeout, and a pattern failed."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=70, color_system="standard")
    item = {"id": "pat_1", "name": "failed"}

    Printer(Format.TABLE, console, NOW).rows([item], shown.PATTERNS, name="id", none="")

    assert "failed" in drawn.getvalue()
    assert "\x1b[31m" not in drawn.getvalue()


@pytest.mark.parametrize("columns", [nodes.NODES, packs.NODES])
def test_no_column_is_left_out_of_a_narrow_terminal(columns: tuple[Column, ...]) -> None:
    """What is long is folded."""
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=80)
    long = dict.fromkeys(("inputs", "outputs", "description"), "a few words of it " * 8)
    item = {column.path: "A name" for column in columns} | long

    Printer(Format.TABLE, console, NOW).rows([item], columns, name=None, none="")

    assert all(column.head in drawn.getvalue() for column in columns)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (200, "3m20s"),
        (601, "10m"),
        (3_600, "1h"),
        (5_400, "1h30m"),
        (36_060, "10h"),
        (90_000, "1d1h"),
        (864_000, "10d"),
        (-5, "5s"),
    ],
)
def test_spans_have_two_units_while_the_first_is_small(seconds: float, text: str) -> None:
    """As kubectl tells ages."""
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("text", "page", "cell"),
    [
        ("2026-03-05T11:57:00.000Z", "2026-03-05 11:57:00 UTC (3m ago)", "3m"),
        ("2026-03-05T14:00:00+02:00", "2026-03-05 12:00:00 UTC (0s ago)", "0s"),
        ("2026-03-05T13:00:00Z", "2026-03-05 13:00:00 UTC (in 1h)", "1h"),
        (None, "", ""),
        ("yesterday", "", ""),
        ("2026-03-05T12:00:00", "2026-03-05 12:00:00 UTC (0s ago)", "0s"),
    ],
)
def test_moments_are_told_with_their_distance(text: object, page: str, cell: str) -> None:
    """What is no time is left out."""
    assert (told(text, NOW), age(text, NOW)) == (page, cell)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0ms"), (320, "320ms"), (1_500, "1.5s"), (61_000, "1m1s"), (None, ""), ("x", "")],
)
def test_lengths_are_told_in_the_unit_that_fits(milliseconds: object, text: str) -> None:
    """Runs last from milliseconds to hours."""
    assert length(milliseconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1h30m", 5_400), ("0.5s", 0.5), ("250ms", 0.25), ("7d", 604_800)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """A bare number is seconds."""
    assert duration_of(text, "--timeout") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "s", "-1", "1 h", "1x", "1e3", "inf", "1h-5m"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """The option is named."""
    with pytest.raises(BadInput, match=r"--timeout: .* like 90s, 5m or 1h30m"):
        duration_of(text, "--timeout")
