"""``dragops run``: patterns of files run here, by the engine's runner, with nothing else there."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import structlog
import yaml

from dragops.model.graph_data import graph_of
from support.command import Command
from support.patterns import node, pattern, variable, wires
from support.web_peer import answer, web_peer

ROOT = Path(__file__).parents[3]
LOGGER = str(ROOT / "examples/01-webhook-logger/pattern.yaml")
GREETING = ROOT / "examples/03-environment/pattern.yaml"
PUSH = {"body": {"pusher": {"name": "Ada"}, "repository": {"full_name": "ada/engine"}}}
ANSWERING = """\
name: Echo
graphData:
  nodes:
    - {id: hook, type: OnWebhook, data: {values: {responseMode: ResponseNode}}}
    - {id: token, type: GetProperty, data: {values: {key: x-token}}}
    - {id: answer, type: RespondToWebhook, data: {values: {statusCode: 201}}}
  edges:
    - {source: hook, sourceHandle: exec, target: answer, targetHandle: exec}
    - {source: hook, sourceHandle: headers, target: token, targetHandle: object}
    - {source: token, sourceHandle: value, target: answer, targetHandle: body}
"""
ASKING = """\
apiVersion: dragops.dev/v1
kind: Pattern
metadata: {name: ask}
spec:
  nodes:
    - {id: start, type: OnStart}
    - {id: ask, type: HttpRequest, values: {url: "URL"}}
    - {id: log, type: Log}
  wires:
    - {from: start.exec, to: ask.exec}
    - {from: ask.exec, to: log.exec}
    - {from: ask.status, to: log.message}
"""
SECRETIVE = "kind: Environment\nspec: {secretRef: {name: s}}\n"
DIVIDING = """\
apiVersion: dragops.dev/v1
kind: PatternDeployment
metadata: {name: dep-halves}
spec: {patternRef: {name: halves}}
---
apiVersion: dragops.dev/v1
kind: Pattern
metadata: {name: halves}
spec:
  nodes:
    - {id: start, type: OnStart}
    - id: half
      type: Divide
      values: {a: 1, b: 0}
    - {id: log, type: Log, title: Say it}
  wires:
    - {from: start.exec, to: log.exec}
    - {from: half.result, to: log.message}
"""


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """The command sets up the process' log, which other tests share."""
    yield
    structlog.reset_defaults()


def test_a_run_shows_its_log_its_end_and_the_time_of_each_node(
    alone: Command, tmp_path: Path
) -> None:
    """The event is a file, stdin, or the object itself."""
    file = tmp_path / "event.json"
    file.write_bytes(orjson.dumps(PUSH))

    ran = alone.good("run", LOGGER, "--event", str(file))
    piped = alone.good("run", LOGGER, "-e", "-", stdin=file.read_text())
    typed = alone.good("run", LOGGER, "-e", file.read_text())

    log, told, end, head, node = ran.rows
    assert told[0].startswith('answer: 202 {"status":"accepted","runId":"run_')
    assert log[0].endswith(" info")
    assert log[1] == "[log] Ada pushed to ada/engine"
    assert end[0].startswith("completed in ")
    assert head == ["NODE", "TYPE", "TITLE", "TIMES", "MS"]
    assert node[:4] == ["log", "Log", "Say it", "1"]
    assert "[log] Ada pushed to ada/engine" in piped.out
    assert "[log] Ada pushed to ada/engine" in typed.out


def test_parts_of_an_event_that_nothing_reads_are_told(alone: Command) -> None:
    """A body that is typed as the event itself would be looked for in vain."""
    told = alone.good("run", LOGGER, "-e", orjson.dumps(PUSH["body"]).decode())
    good = alone.good("run", LOGGER, "-e", orjson.dumps(PUSH).decode())

    assert told.err == (
        "--event: nothing reads pusher, repository: On Webhook (hook) has body, headers, query, "
        "method, url\n"
    )
    assert good.err == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"a":\n  b}', ":2:3: is no JSON: unexpected character"),
        (b"", ":1:1: is no JSON object, such as"),
        (b"[1]", ":1:1: is no JSON object, such as"),
        (b"body: 1", ":1:1: is no JSON: "),
        (b"\xff\xfe{\0}\0", ": is no text in UTF-8: save it as that"),
    ],
)
def test_a_file_that_holds_no_event_is_told_with_the_place(
    alone: Command, tmp_path: Path, text: bytes, told: str
) -> None:
    """Nothing is run."""
    file = tmp_path / "event.json"
    file.write_bytes(text)

    ran = alone("run", LOGGER, "--event", str(file))
    piped = alone("run", LOGGER, "--event", "-", stdin=text.decode("latin-1"))

    assert (ran.code, ran.out, piped.code) == (2, "", 2)
    assert f"Error: {file}{told}" in ran.err
    assert piped.err.startswith("Error: stdin:")


def test_an_event_of_windows_is_read(alone: Command, tmp_path: Path) -> None:
    """With a byte order mark at its beginning, as its editors write it."""
    file = tmp_path / "event.json"
    file.write_bytes(b"\xef\xbb\xbf" + orjson.dumps(PUSH) + b"\r\n")

    assert "[log] Ada pushed" in alone.good("run", LOGGER, "--event", str(file)).out


def test_a_run_is_given_to_scripts_with_the_keys_of_the_api(alone: Command) -> None:
    """One object, in the end, and nothing beside it."""
    run = alone.good("run", LOGGER, "-e", orjson.dumps(PUSH).decode(), "-o", "json").json

    assert run["status"] == "completed"
    assert run["trigger"] == {"type": "OnWebhook", "nodeId": "hook"}
    assert run["eventData"]["body"] == PUSH["body"]
    assert run["eventData"]["method"] == "POST"
    assert [(e["level"], e["nodeId"], e["message"]) for e in run["logOutput"]] == [
        ("info", "log", "Ada pushed to ada/engine")
    ]
    assert [step["nodeId"] for step in run["timeline"]] == ["log"]
    assert (run["error"], run["variables"], run["logDropped"]) == (None, {}, 0)
    assert run["answer"]["body"] == {"status": "accepted", "runId": run["id"]}


def test_a_failure_names_the_node_its_place_in_the_file_and_the_program_line(
    alone: Command,
) -> None:
    """What stands beside the pattern in the file is no hindrance."""
    ran = alone("run", "-", stdin=DIVIDING)
    told = alone("run", "-", "-o", "json", stdin=DIVIDING).json

    assert ran.code == 1
    assert "failed after " in ran.out
    assert "MathError: " in ran.out
    line = told["error"]["line"]
    assert f"  at: stdin:12:7, node half, line {line} of the program\n" in ran.out
    assert told["error"]["place"] == "stdin:12:7"
    program = alone.good("compile", "-", stdin=DIVIDING).out.splitlines()
    assert "divide" in program[line - 1]


def test_what_a_waiting_sender_would_be_told_is_shown(alone: Command) -> None:
    """Names of headers come in lower case, as they do from a connection."""
    event = orjson.dumps({"headers": {"X-Token": "abc"}}).decode()

    ran = alone.good("run", "-", "-e", event, stdin=ANSWERING)
    answer = alone.good("run", "-", "-e", event, "-o", "json", stdin=ANSWERING).json["answer"]

    assert ran.out.startswith("answer: 201 abc\n")
    assert (answer["status"], answer["body"]) == (201, "abc")
    assert answer["headers"]["content-type"].startswith("text/plain")


def test_an_answer_that_only_says_that_it_is_json_is_shown_as_it_is(alone: Command) -> None:
    """A sender would get it so, too."""
    headers = 'statusCode: 201, headers: {Content-Type: application/json}, body: "{oops"'
    text = ANSWERING.replace("statusCode: 201", headers).replace(
        "    - {source: token, sourceHandle: value, target: answer, targetHandle: body}\n", ""
    )

    ran = alone.good("run", "-", stdin=text)

    assert ran.out.startswith("answer: 201 {oops\n")


def test_a_long_integer_is_shown_to_its_last_digit(alone: Command) -> None:
    """Also in JSON: no reader on the way makes a float of it."""
    spec = pattern(
        "Long",
        variable("n", "Integer", 0),
        *(node("s", "OnStart"), node("set", "SetVariable", name="n")),
        *(node("a", "Integer", value=2**60), node("square", "Multiply")),
        wires("s.exec -> set.exec", "a.value -> square.a", "a.value -> square.b"),
        wires("square.result -> set.value"),
    )
    text = orjson.dumps({"name": "Long", "graphData": graph_of(spec).as_json()}).decode()

    assert f'variables: {{"n":{2**120}}}' in alone.good("run", "-", stdin=text).out
    assert f'"n": {2**120}' in alone.good("run", "-", "-o", "json", stdin=text).out


def test_a_failed_run_answers_as_the_engine_does(alone: Command) -> None:
    """With 500 and the run's id, without internals."""
    status = "{id: status, type: Integer, data: {values: {value: 99}}}"
    wired = "{source: status, sourceHandle: value, target: answer, targetHandle: statusCode}"
    text = ANSWERING.replace("  nodes:\n", f"  nodes:\n    - {status}\n")
    text = text.replace("  edges:\n", f"  edges:\n    - {wired}\n")

    ran = alone("run", "-", "-o", "json", stdin=text)

    assert (ran.code, ran.json["answer"]["status"]) == (1, 500)
    assert ran.json["answer"]["body"]["error"]["code"] == "RUN_FAILED"
    assert ran.json["error"]["type"] == "LimitError"


def test_a_run_starts_at_the_trigger_that_is_named(alone: Command, tmp_path: Path) -> None:
    """A wrong name is answered with the right ones."""
    file = tmp_path / "two.json"
    spec = pattern(
        "Two",
        *(node("hook", "OnWebhook"), node("tick", "OnSchedule", schedule="0 9 * * *")),
        *(node("a", "Log", message="hooked"), node("b", "Log", message="ticked")),
        wires("hook.exec -> a.exec", "tick.exec -> b.exec"),
    )
    file.write_bytes(orjson.dumps({"name": "Two", "graphData": graph_of(spec).as_json()}))

    first = alone.good("run", str(file))
    named = alone.good("run", str(file), "--start", "tick")
    wrong = alone("run", str(file), "--start", "tock")

    assert "[a] hooked" in first.out
    assert "[b] ticked" in named.out
    assert wrong.code == 3
    assert "has: hook, tick" in wrong.err


def test_an_environment_is_read_from_manifests_or_from_two_objects(
    alone: Command, tmp_path: Path
) -> None:
    """The secret is hidden wherever the run shows it; without one the node says what is missing."""
    by_hand, encoded = tmp_path / "env.yaml", tmp_path / "encoded.yaml"
    by_hand.write_text("variables: {REGION: moon}\nsecrets: {API_TOKEN: s3cret-thing}\n")
    manifests = [*yaml.safe_load_all(GREETING.with_name("environment.yaml").read_text())]
    token = base64.b64encode(manifests[1].pop("stringData")["API_TOKEN"].encode()).decode()
    encoded.write_text(
        yaml.safe_dump_all([manifests[0], manifests[1] | {"data": {"API_TOKEN": token}}])
    )

    for env, region in (
        (GREETING.with_name("environment.yaml"), "eu"),
        (encoded, "eu"),
        (by_hand, "moon"),
    ):
        ran = alone.good("run", str(GREETING), "--env", str(env))
        assert f"[log] Hello {region}, authorized by ***" in ran.out

    without = alone("run", str(GREETING))
    assert without.code == 1
    assert "has no secret 'API_TOKEN'" in without.out
    assert "  do: give an Environment that has it: dragops run --env FILE" in without.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("variables: {A: [1]}", ":1:13: variables.A: is no text: put it in quotes"),
        ("variable: {A: b}", ":1:1: variable: there is no such field"),
        ("kind: Secret\ndata: {}", "holds no Environment: write one, or two objects"),
        ("kind: Environment\nspec: {variable: {}}", ":2:8: spec.variable: there is no such field"),
        (
            f"{SECRETIVE}---\nkind: Secret\nmetadata: {{name: s}}\ndata: {{KEY: hunter2!}}",
            ":6:8: data.KEY is no base64 of a text: a text itself stands under stringData",
        ),
        (
            f"{SECRETIVE}---\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{KEY: 42}}",
            ":6:14: stringData.KEY: is no text: put it in quotes",
        ),
    ],
)
def test_a_bad_environment_is_told_with_its_place_and_without_its_values(
    alone: Command, tmp_path: Path, text: str, told: str
) -> None:
    """Nothing is run."""
    file = tmp_path / "env.yaml"
    file.write_text(text)

    ran = alone("run", str(GREETING), "--env", str(file))

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "hunter2" not in ran.err


def test_a_pattern_that_does_not_compile_is_not_run(alone: Command) -> None:
    """Its faults are told with their places; other mistakes are those of the command line."""
    broken = alone("run", "-", stdin=DIVIDING.replace("Divide", "Divde"))

    assert broken.code == 1
    assert "stdin:13:7: UNKNOWN_NODE: " in broken.err
    assert alone("run", LOGGER, "--timeout", "0s").code == 2
    assert "not in whole seconds" in alone("run", LOGGER, "--timeout", "100ms").err
    assert alone("run", LOGGER, "--event", "nothing.json").code == 2
    assert alone("run", LOGGER, "--event", "{").code == 2
    assert alone("run", LOGGER, "--event", "-", stdin="[1]").code == 2
    assert (
        "holds 2 patterns (A, B); this command takes one: put each"
        in alone("run", "-", stdin="name: A\n---\nname: B").err
    )


async def test_a_peer_on_this_machine_is_reached_when_it_is_allowed(alone: Command) -> None:
    """The engine's policy holds here too; the option is what the chart's value is there."""
    async with web_peer(answer(200, b'{"ok": true}')) as peer:
        text = ASKING.replace("URL", peer.url("/health"))
        allowed = await asyncio.to_thread(alone, "run", "-", "--allow", "127.0.0.1", stdin=text)
        refused = await asyncio.to_thread(alone, "run", "-", stdin=text)

    assert "[log] 200" in allowed.out
    assert refused.code == 1
    assert "do: allow what it may reach: dragops run --allow HOST" in refused.out
    assert alone("run", LOGGER, "--allow", "a b").err.startswith("Error: --allow: 'a b'")


async def test_a_run_that_takes_too_long_ends_as_timeout(alone: Command) -> None:
    """Its peer never answers."""
    async with web_peer(_never) as peer:
        text = ASKING.replace("URL", peer.url())
        words = ("run", "-", "--allow", "127.0.0.1", "--timeout", "1s", "-o", "json")
        ran = await asyncio.to_thread(alone, *words, stdin=text)

    assert (ran.code, ran.json["status"]) == (1, "timeout")
    assert ran.json["error"]["type"] == "TimeoutError"


async def _never(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


def test_a_pattern_calls_those_that_are_given_with_it(alone: Command) -> None:
    """One that is not there cannot be called; one name is given once."""
    folder = ROOT / "examples/13-order-pipeline"
    words = ("run", str(folder / "pattern.yaml"), "-e", str(folder / "local/order.json"))
    others = [str(folder / f"{name}.pattern.yaml") for name in ("validate-input", "process-order")]

    given = alone.good(*words, "--with", others[0], "--with", others[1], "-o", "json").json
    missing = alone(*words, "--with", others[1])
    twice = alone(*words, "--with", others[0], "--with", others[0])

    assert [(each["pattern"], each["status"]) for each in given["called"]] == [
        ("validate-input", "completed"),
        ("process-order", "completed"),
    ]
    assert missing.code == 1
    assert "CallError: the pattern 'validate-input' cannot be called" in missing.out
    assert "  do: give the file that has it: dragops run --with FILE" in missing.out
    assert (twice.code, "there is a pattern validate-input already" in twice.err) == (2, True)


def test_a_long_loop_says_that_not_all_of_its_steps_have_times(alone: Command) -> None:
    """As in an engine, the first 500 have."""
    spec = pattern(
        "Long",
        variable("n", "Integer", 0),
        *(node("s", "OnStart"), node("each", "ForRange", end=700)),
        node("count", "IncrementVariable", name="n"),
        wires("s.exec -> each.exec", "each.body -> count.exec"),
    )
    text = orjson.dumps({"name": "Long", "graphData": graph_of(spec).as_json()}).decode()

    ran = alone.good("run", "-", stdin=text)

    assert 'variables: {"n":700}' in ran.out
    assert ["count", "IncrementVariable", "499"] in [row[:3] for row in ran.rows]
    assert ran.out.endswith("... and 201 steps more than a run has times of\n")
